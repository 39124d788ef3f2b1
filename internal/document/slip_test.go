package document

import (
	"time"

	"duban/internal/calendar"
)

// sample is an assignment slip with everything a slip can have.
func sample() Slip {
	return Slip{
		Issuer:     "市委全面深化改革领导小组办公室",
		Kind:       "交办单",
		Number:     "淄改办交〔2026〕3号",
		Title:      "关于交办《新材料产业创新生态改革方案》年度重点任务的通知",
		Addressees: []string{"市科技局", "市工业和信息化局", "各区县委改革办"},
		Copies:     []string{"市委领导小组成员单位", "各区县委、高新区工委改革办", "市委督查室", "市政府督查室", "市纪委机关"},
		Body: []string{
			"按照年度改革计划，现将有关任务交办给你们，请对照时限要求抓好落实，并于每月25日前通过平台报送进展情况。",
			"一、任务内容",
			"完善“揭榜挂帅”项目遴选办法，建立企业出题、院所答题、市场阅卷的机制；R&D 投入强度 < 3% 的区县另行说明原因。",
			"（一）工作要求",
			"1.明确一名责任人，建立任务清单。逾期未办结的，由本办公室发催办单。",
		},
		Table: [][2]string{
			{"牵头单位", "市科技局"},
			{"参与单位", "市工业和信息化局、市财政局、市人力资源和社会保障局、市市场监督管理局"},
			{"责任人", "市科技局分管负责人"},
			{"时限", "2026年12月31日前办结"},
		},
		Basis: "《改革任务督办规则》第五条第二项",
		Date:  calendar.Date{Year: 2026, Month: time.November, Day: 22},
	}
}
