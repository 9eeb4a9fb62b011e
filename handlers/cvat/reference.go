package cvat

// posted are the attributes that POST takes, by path, as OPTIONS tells them.
var posted = map[string]asked{}
