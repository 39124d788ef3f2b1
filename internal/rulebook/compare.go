package rulebook

func (b *builder) compare(parent, heir *Rulebook, own *node) {}
