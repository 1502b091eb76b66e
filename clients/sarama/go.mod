module producer

go 1.23
