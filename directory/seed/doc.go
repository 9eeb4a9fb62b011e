// Package seed fills a directory: with the records that are shipped, at every start, and with made-up people, groups
// and tenants to try things out and to measure.
package seed
