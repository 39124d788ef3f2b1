package activities

// Beating is for tests.
var Beating = beating
