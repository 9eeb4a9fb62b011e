package seed

// spelled is a name in its own script with its Latin spelling, from which logins and addresses are made.
type spelled struct{ native, latin string }

var givenNames = []spelled{
	{"Anna", "anna"}, {"Björn", "bjorn"}, {"Chloé", "chloe"}, {"Dóra", "dora"}, {"Émile", "emile"},
	{"Fatima", "fatima"}, {"Grzegorz", "grzegorz"},
	{"Håkon", "hakon"}, {"İpek", "ipek"}, {"João", "joao"}, {"Kateřina", "katerina"}, {"Liam", "liam"},
	{"María", "maria"}, {"Niamh", "niamh"},
	{"Olivia", "olivia"}, {"Peter", "peter"}, {"Quentin", "quentin"}, {"Rosa", "rosa"}, {"Søren", "soren"},
	{"Tereza", "tereza"},
	{"Анна", "anna"}, {"Дмитрий", "dmitri"}, {"Олена", "olena"}, {"Сергей", "sergei"}, {"Ελένη", "eleni"},
	{"Νίκος", "nikos"},
	{"伟", "wei"}, {"芳", "fang"}, {"娜", "na"}, {"太郎", "taro"}, {"花子", "hanako"}, {"さくら", "sakura"}, {"민준", "minjun"},
	{"서연", "seoyeon"},
	{"محمد", "muhammad"}, {"ليلى", "layla"}, {"नेहा", "neha"}, {"अर्जुन", "arjun"}, {"თამარ", "tamar"},
	{"גלית", "galit"},
}

var familyNames = []spelled{
	{"Smith", "smith"}, {"Müller", "mueller"}, {"García", "garcia"}, {"Novák", "novak"}, {"O'Brien", "obrien"},
	{"Nguyễn", "nguyen"}, {"Silva", "silva"},
	{"Kowalska", "kowalska"}, {"Rossi", "rossi"}, {"Dubois", "dubois"}, {"Jensen", "jensen"}, {"Yılmaz", "yilmaz"},
	{"Horváth", "horvath"},
	{"van der Berg", "vanderberg"}, {"Johansson", "johansson"}, {"Ibsen-Lie", "ibsenlie"}, {"Brown", "brown"},
	{"Taylor", "taylor"},
	{"Иванова", "ivanova"}, {"Петров", "petrov"}, {"Шевченко", "shevchenko"}, {"Παπαδόπουλος", "papadopoulos"},
	{"王", "wang"}, {"李", "li"}, {"张", "zhang"},
	{"佐藤", "sato"}, {"鈴木", "suzuki"}, {"김", "kim"}, {"박", "park"}, {"الخطيب", "alkhatib"}, {"शर्मा", "sharma"},
	{"ბერიძე", "beridze"}, {"כהן", "cohen"},
}

var placeNames = []string{
	"Aarhus", "Bergen", "Cluj", "Dublin", "Évora", "Fukuoka", "Győr", "Haifa", "İzmir", "Jaipur", "Київ", "Lima",
	"München", "Nairobi", "Osaka", "Praha",
	"Quito", "Reykjavík", "São Paulo", "Tallinn", "Ulm", "Valparaíso", "Wrocław", "西安", "Yerevan", "Zürich",
}

var companyNames = []string{
	"Acme", "Borealis", "Corvus", "Deltaform", "Everglade", "Fjord", "Granite", "Halcyon", "Ionia", "Juniper",
	"Kestrel", "Lumen", "Meridian", "Nordlys",
	"Orchard", "Pinnacle", "Quarry", "Riverbend", "Solstice", "Tundra", "Umbra", "Vantage", "Willow", "会社", "Ямал",
	"Zephyr",
}

var unitNames = []string{"Operations", "Research", "Sales", "Support", "Finance", "People", "Security", "Platform"}
