// Package bench measures the server against the same statements written by hand: a second server, in this package, that
// does with pgx (or database/sql on SQLite) what Roster does for a list, a show and a create, and nothing else. Both
// run as processes of their own, take turns in one run, and are compared by ratio; absolute figures are only printed.
//
//	make bench                                    10,000 and 1,000,000 users, both databases: about 15 minutes
//	ROSTER_BENCH_USERS=10000 make bench           the small size alone
//
// Lists of users by callers in tenants have a benchmark of their own. It prints the processor time of server and
// database for each kind of list, as a ratio to the administrator's, while others write and log in; what those cost is
// measured alone and taken off.
//
//	make bench-tenants                                        10,000 and 100,000 users, both databases
//	ROSTER_BENCH_USERS=10000,100000,1000000 make bench-tenants   a million more, which takes an hour
package bench
