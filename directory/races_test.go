package directory_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"roster/config"
	"roster/directory"
	"roster/directory/store"
	"roster/models"
	"roster/test/dbtest"
)

// race is a directory with one administrator, "boss", and a plain user, "ann", whom two services change at once.
type race struct {
	t      *testing.T
	db     *config.Database
	verbs  [2]*directory.Service
	boss   int64
	ann    int64
	system *models.Principal
}

// onEachRace runs a scenario of changes at once on each database.
func onEachRace(t *testing.T, scenario func(r *race)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		if db.Dialect == config.Postgres {
			db.SQL().SetMaxOpenConns(8) // changes that wait keep their connection
		}
		first, admin := service(t, db)
		second, _ := service(t, db)
		r := &race{t: t, db: db, verbs: [2]*directory.Service{first, second}, system: models.System()}
		r.boss = admin.UserID
		r.ann = r.user("ann", false)
		scenario(r)
	})
}

func (r *race) user(login string, admin bool) int64 {
	r.t.Helper()
	u, err := r.verbs[0].CreateUser(r.t.Context(), r.system, directory.UserChange{Login: models.Some(login),
		Password: models.Some("pw"), AuthSourceID: models.Some(int64(1)), Admin: models.Some(admin)})
	if err != nil {
		r.t.Fatal(err)
	}
	return u.ID
}

func (r *race) group(name string, c directory.UsergroupChange) int64 {
	r.t.Helper()
	c.Name = models.Some(name)
	g, err := r.verbs[0].CreateUsergroup(r.t.Context(), r.system, c)
	if err != nil {
		r.t.Fatal(err)
	}
	return g.ID
}

// change returns a change of a group by one of the services.
func (r *race) change(by int, group int64, c directory.UsergroupChange) func() error {
	return func() error {
		_, err := r.verbs[by].UpdateUsergroup(r.t.Context(), r.system, directory.Ref{ID: group}, c)
		return err
	}
}

func (r *race) update(by int, user int64, c directory.UserChange) func() error {
	return func() error {
		_, err := r.verbs[by].UpdateUser(r.t.Context(), r.system, directory.Ref{ID: user}, c)
		return err
	}
}

func (r *race) remove(by int, user int64) func() error {
	return func() error {
		_, err := r.verbs[by].DeleteUser(r.t.Context(), r.system, directory.Ref{ID: user})
		return err
	}
}

// resign takes the flag from the first administrator.
func (r *race) resign() func() error {
	return r.update(1, r.boss, directory.UserChange{Admin: models.Some(false)})
}

// run makes changes of which the first that needs the rows of a query is stopped there. Each begins when those before
// it are over or wait for a lock. Then the rows are released, and all come to their end: done or refused. SQLite has
// one writer, so there is nothing to stop.
func (r *race) run(rows string, changes ...func() error) {
	r.t.Helper()
	held := r.hold(rows)
	var all sync.WaitGroup
	var over atomic.Int64
	for i, change := range changes {
		all.Go(func() {
			defer over.Add(1)
			refused(r.t, change())
		})
		for int(over.Load())+r.waiting() <= i {
			time.Sleep(time.Millisecond)
		}
	}
	if held != nil {
		if err := held.Rollback().Error; err != nil {
			r.t.Fatal(err)
		}
	}
	all.Wait()
}

// hold locks the rows of a query until the transaction that it returns ends.
func (r *race) hold(rows string) *gorm.DB {
	r.t.Helper()
	if r.db.Dialect == config.SQLite {
		return nil
	}
	held := r.db.Read.Begin()
	if err := held.Exec(rows).Error; err != nil {
		r.t.Fatal(err)
	}
	return held
}

// waiting counts the changes that wait for a lock: none on SQLite.
func (r *race) waiting() int {
	r.t.Helper()
	if r.db.Dialect == config.SQLite {
		return 0
	}
	var n int
	err := r.db.Search.Raw("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND " +
		"wait_event_type = 'Lock'").Row().Scan(&n)
	if err != nil {
		r.t.Fatal(err)
	}
	return n
}

// wantAdmin checks that an administrator who can log in is left.
func (r *race) wantAdmin() {
	r.t.Helper()
	if len(readPairs(r.t, r.db, `SELECT u.id, u.id FROM users u WHERE NOT u.hidden AND NOT COALESCE(u.disabled, FALSE)
		AND (u.admin OR u.id IN (SELECT m.user_id FROM usergroup_users m JOIN usergroup_closure c ON
		c.descendant_id = m.usergroup_id JOIN usergroups g ON g.id = c.ancestor_id WHERE g.admin))`)) == 0 {
		r.t.Error("no administrator is left")
	}
}

func (r *race) wantGroupClosure() {
	r.t.Helper()
	wantClosure(r.t, r.db, "SELECT id, id FROM usergroups", "SELECT member_id, usergroup_id FROM usergroup_usergroups",
		"SELECT descendant_id, ancestor_id FROM usergroup_closure")
}

// Rows at which changes are stopped.
const (
	// commits are written by every change, last of all.
	commits = "SELECT 1 FROM tallies FOR UPDATE"
	// memberRows are written by a change of the members of a group, and by a deletion of a user in one.
	memberRows = "SELECT 1 FROM usergroup_users FOR UPDATE"
	// roleRows are written by a deletion of a user, after the row of the user.
	roleRows = "SELECT 1 FROM user_roles FOR UPDATE"
	// userRows are written by a deletion of a user, not by what only refers to the user.
	userRows = "SELECT 1 FROM users FOR KEY SHARE"
)

func users(ids ...int64) models.Opt[directory.Refs] { return models.Some(directory.ByIDs(ids...)) }

// A user leaves a group while a group around it comes to make administrators; then the only other one resigns.
func TestRaces_LeavesWhatMakesAdministrators(t *testing.T) {
	onEachRace(t, func(r *race) {
		inner := r.group("inner", directory.UsergroupChange{Users: users(r.ann)})
		outer := r.group("outer", directory.UsergroupChange{Members: users(inner)})
		r.run(memberRows,
			r.change(0, inner, directory.UsergroupChange{Users: users()}),
			r.change(1, outer, directory.UsergroupChange{Admin: models.Some(true)}),
			r.resign())
		r.wantAdmin()
	})
}

// The same, where the group comes into one that makes administrators.
func TestRaces_LeavesWhatIsNested(t *testing.T) {
	onEachRace(t, func(r *race) {
		inner := r.group("inner", directory.UsergroupChange{Users: users(r.ann)})
		outer := r.group("outer", directory.UsergroupChange{Admin: models.Some(true)})
		r.run(memberRows,
			r.change(0, inner, directory.UsergroupChange{Users: users()}),
			r.change(1, outer, directory.UsergroupChange{Members: users(inner)}),
			r.resign())
		r.wantAdmin()
		r.wantGroupClosure()
	})
}

// The same, where an auth source reports who is in the group.
func TestRaces_LeavesAsReported(t *testing.T) {
	onEachRace(t, func(r *race) {
		inner := r.group("inner", directory.UsergroupChange{Users: users(r.ann)})
		outer := r.group("outer", directory.UsergroupChange{Members: users(inner)})
		r.run(memberRows,
			func() error {
				return r.verbs[0].ChangeMembers(r.t.Context(), inner, func([]int64) []int64 { return nil })
			},
			r.change(1, outer, directory.UsergroupChange{Admin: models.Some(true)}),
			r.resign())
		r.wantAdmin()
	})
}

// A plain user is deleted while a group of theirs comes to make administrators; then the only other one resigns.
func TestRaces_DeletedInWhatMakesAdministrators(t *testing.T) {
	for name, rows := range map[string]string{"before the row is gone": userRows, "after that": roleRows} {
		t.Run(name, func(t *testing.T) {
			onEachRace(t, func(r *race) {
				inner := r.group("inner", directory.UsergroupChange{Users: users(r.ann)})
				outer := r.group("outer", directory.UsergroupChange{Members: users(inner)})
				r.run(rows,
					r.remove(0, r.ann),
					r.change(1, outer, directory.UsergroupChange{Admin: models.Some(true)}),
					r.resign())
				r.wantAdmin()
			})
		})
	}
}

// A plain user is deleted while they join a group that makes administrators; then the only other one resigns.
func TestRaces_DeletedWhileJoining(t *testing.T) {
	for name, rows := range map[string]string{"before the row is gone": userRows, "after that": roleRows} {
		t.Run(name, func(t *testing.T) {
			onEachRace(t, func(r *race) {
				admins := r.group("admins", directory.UsergroupChange{Admin: models.Some(true)})
				r.run(rows,
					r.remove(0, r.ann),
					r.change(1, admins, directory.UsergroupChange{Users: users(r.ann)}),
					r.resign())
				r.wantAdmin()
			})
		})
	}
}

// The last two administrators cease to be any at once, in every pair of ways.
func TestRaces_LastTwoAdministrators(t *testing.T) {
	unset := directory.UsergroupChange{Admin: models.Some(false)}
	ways := map[string]func(r *race, by int, group, nested, user int64) func() error{
		"deleted": func(r *race, by int, _, _, user int64) func() error { return r.remove(by, user) },
		"disabled": func(r *race, by int, _, _, user int64) func() error {
			yes := true
			return r.update(by, user, directory.UserChange{Disabled: models.Some(&yes)})
		},
		"left": func(r *race, by int, _, nested, _ int64) func() error {
			return r.change(by, nested, directory.UsergroupChange{Users: users()})
		},
		"taken out": func(r *race, by int, group, _, _ int64) func() error {
			return r.change(by, group, directory.UsergroupChange{Members: users()})
		},
		"no longer made": func(r *race, by int, group, _, _ int64) func() error { return r.change(by, group, unset) },
		"without the group": func(r *race, by int, group, _, _ int64) func() error {
			return func() error {
				_, err := r.verbs[by].DeleteUsergroup(r.t.Context(), r.system, directory.Ref{ID: group})
				return err
			}
		},
		"reported to have left": func(r *race, by int, _, nested, _ int64) func() error {
			return func() error {
				return r.verbs[by].ChangeMembers(r.t.Context(), nested, func([]int64) []int64 { return nil })
			}
		},
	}
	onEachRace(t, func(r *race) {
		// The administrators are made by groups of their own, each inside another one.
		made := func(name string) (group, nested, user int64) {
			user = r.user(name, false)
			nested = r.group("nested "+name, directory.UsergroupChange{Users: users(user)})
			group = r.group("around "+name, directory.UsergroupChange{Admin: models.Some(true), Members: users(nested)})
			return group, nested, user
		}
		n := 0
		for name, way := range ways {
			for otherName, otherWay := range ways {
				n++
				group, nested, user := made(fmt.Sprint("a", n))
				otherGroup, otherNested, other := made(fmt.Sprint("b", n))
				r.setBoss(false)
				r.run(commits, way(r, 0, group, nested, user), otherWay(r, 1, otherGroup, otherNested, other))
				if r.wantAdmin(); r.t.Failed() {
					r.t.Fatalf("one administrator %s, the other %s", name, otherName)
				}
				r.setBoss(true)
				for _, id := range []int64{user, other} {
					refused(r.t, r.remove(0, id)())
				}
				for _, id := range []int64{group, otherGroup} {
					_, err := r.verbs[0].DeleteUsergroup(r.t.Context(), r.system, directory.Ref{ID: id})
					refused(r.t, err)
				}
			}
		}
		r.wantGroupClosure()
	})
}

// setBoss changes the flag of the first administrator behind the server's back.
func (r *race) setBoss(admin bool) {
	r.t.Helper()
	if err := r.db.Write.Exec("UPDATE users SET admin = ? WHERE id = ?", admin, r.boss).Error; err != nil {
		r.t.Fatal(err)
	}
}

// Two groups go into each other at once: one of them stays outside.
func TestRaces_GroupsInEachOther(t *testing.T) {
	onEachRace(t, func(r *race) {
		a := r.group("a", directory.UsergroupChange{})
		b := r.group("b", directory.UsergroupChange{})
		r.run(commits,
			r.change(0, a, directory.UsergroupChange{Members: users(b)}),
			r.change(1, b, directory.UsergroupChange{Members: users(a)}))
		if n := len(readPairs(r.t, r.db, "SELECT member_id, usergroup_id FROM usergroup_usergroups")); n != 1 {
			r.t.Errorf("got %d links between the two groups, want 1", n)
		}
		r.wantGroupClosure()
	})
}

// A group and a login come to one name at once, in every pair of ways: one of them gets it.
func TestRaces_OneNameForAGroupAndALogin(t *testing.T) {
	groups := map[string]func(r *race, name string) func() error{
		"a new group": func(r *race, name string) func() error {
			return func() error {
				_, err := r.verbs[0].CreateUsergroup(r.t.Context(), r.system,
					directory.UsergroupChange{Name: models.Some(name)})
				return err
			}
		},
		"a renamed group": func(r *race, name string) func() error {
			return r.change(0, r.group("was "+name, directory.UsergroupChange{}),
				directory.UsergroupChange{Name: models.Some(name)})
		},
	}
	logins := map[string]func(r *race, name string) func() error{
		"a new user": func(r *race, name string) func() error {
			return func() error {
				_, err := r.verbs[1].CreateUser(r.t.Context(), r.system, directory.UserChange{Login: models.Some(name),
					Password: models.Some("pw"), AuthSourceID: models.Some(int64(1))})
				return err
			}
		},
		"a renamed user": func(r *race, name string) func() error {
			return r.update(1, r.user("was"+name, false), directory.UserChange{Login: models.Some(name)})
		},
	}
	onEachRace(t, func(r *race) {
		n := 0
		for groupWay, group := range groups {
			for loginWay, login := range logins {
				n++
				name := fmt.Sprint("name", n)
				r.run(commits, group(r, name), login(r, name))
				r.run(commits, login(r, name+"x"), group(r, name+"x"))
				got := len(readPairs(r.t, r.db, fmt.Sprintf("SELECT id, 0 FROM users WHERE login IN ('%s', '%sx') "+
					"UNION ALL SELECT id, 1 FROM usergroups WHERE name IN ('%s', '%sx')", name, name, name, name)))
				if got != 2 {
					r.t.Errorf("%s and %s: %d of them have one of two names, want 2", groupWay, loginWay, got)
				}
			}
		}
	})
}

// Whatever changes of groups and administrators come at once, an administrator is left and the closure is right.
func TestRaces_AtRandom(t *testing.T) {
	onEachRace(t, func(r *race) {
		people := []int64{r.boss, r.ann}
		for i := range 4 {
			people = append(people, r.user(fmt.Sprint("user", i), i%2 == 0))
		}
		var groups []int64
		for i := range 5 {
			groups = append(groups, r.group(fmt.Sprint("group", i), directory.UsergroupChange{}))
		}
		var all sync.WaitGroup
		for worker := range 4 {
			all.Go(func() {
				random := rand.New(rand.NewPCG(uint64(worker), 11))
				for range 40 {
					refused(r.t, r.atRandom(random, worker%2, people, groups)())
					r.wantAdmin()
				}
			})
		}
		all.Wait()
		r.wantAdmin()
		r.wantGroupClosure()
	})
}

// atRandom returns one change by a service.
func (r *race) atRandom(random *rand.Rand, by int, people, groups []int64) func() error {
	some := func(ids []int64) []int64 {
		var list []int64
		for _, id := range ids {
			if random.IntN(3) == 0 {
				list = append(list, id)
			}
		}
		return list
	}
	user := people[random.IntN(len(people))]
	group := groups[random.IntN(len(groups))]
	flag := random.IntN(2) == 0
	switch random.IntN(7) {
	case 0:
		return r.change(by, group, directory.UsergroupChange{Admin: models.Some(flag)})
	case 1:
		return r.change(by, group, directory.UsergroupChange{Members: users(some(groups)...)})
	case 2:
		return r.update(by, user, directory.UserChange{Admin: models.Some(flag)})
	case 3:
		return r.update(by, user, directory.UserChange{Disabled: models.Some(&flag)})
	case 4:
		if random.IntN(4) == 0 {
			return r.remove(by, user)
		}
	}
	return r.change(by, group, directory.UsergroupChange{Users: users(some(people)...)})
}

// Users join one group at the same time: each of them does, with an audit of the group for each.
func TestRaces_JoinOneGroup(t *testing.T) {
	onEachRace(t, func(r *race) {
		group := r.group("everybody", directory.UsergroupChange{})
		var all sync.WaitGroup
		const joining = 12
		for i := range joining {
			all.Go(func() {
				_, err := r.verbs[i%2].CreateUser(r.t.Context(), r.system, directory.UserChange{
					Login: models.Some(fmt.Sprintf("joins%d", i)), Password: models.Some("pw"),
					AuthSourceID: models.Some(int64(1)), Groups: users(group)})
				if err != nil {
					r.t.Error(err)
				}
			})
		}
		all.Wait()
		audits := readPairs(r.t, r.db, fmt.Sprintf("SELECT id, version FROM audits WHERE auditable_type = 'Usergroup' "+
			"AND auditable_id = %d", group))
		if len(audits) != joining+1 {
			r.t.Errorf("%d audits of the group, want %d", len(audits), joining+1)
		}
	})
}

// Whoever locks a table against everybody waits for the changes under way, and these must not wait for that lock. On
// SQLite there is nothing beside a change.
func TestRaces_ChangeAndALockOfTheTable(t *testing.T) {
	t.Parallel()
	db := dbtest.Migrated(t)
	r := &race{t: t, db: db}
	verbs, admin := service(t, db)
	begun := false
	locked := make(chan error, 1)
	err := verbs.Change(t.Context(), admin, func(tx *store.Tx) error {
		err := tx.Exec("UPDATE users SET description = 'changed' WHERE id = ?", admin.UserID).Error
		if err != nil || begun {
			return err
		}
		begun = true
		go func() { locked <- db.Read.Exec("ALTER TABLE users ADD COLUMN more TEXT").Error }()
		for r.waiting() == 0 {
			time.Sleep(time.Millisecond)
		}
		return nil
	})
	if err != nil {
		t.Errorf("the change: %v", err)
	}
	if err := <-locked; err != nil {
		t.Errorf("the lock: %v", err)
	}
	var n int64
	err = db.Read.Model(&models.User{}).Where("id = ? AND description = 'changed'", admin.UserID).Count(&n).Error
	if err != nil || n != 1 {
		t.Errorf("the change is lost: %d %v", n, err)
	}
}
