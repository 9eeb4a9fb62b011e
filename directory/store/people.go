package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"
	"gorm.io/gorm"

	"roster/models"
	"roster/scopes"
)

// peopleMemory bounds what is remembered of who is in which tenant, in bytes. A membership takes two to eight.
const peopleMemory = 256 << 20

// people remembers who is in which tenant, so that the people of many tenants are counted exactly without reading their
// memberships again. What is remembered of a tenant holds for as long as nobody joins or leaves it.
type people struct {
	tenants *otter.Cache[int64, *tenantPeople]
	counts  *otter.Cache[string, *peopleCount]
}

// tenantPeople are the ids of the users in a tenant, at a state of its memberships.
type tenantPeople struct {
	moves int64
	ids   *roaring64.Bitmap
}

// peopleCount says how many users a caller may see, at a state of the memberships of the caller's tenants.
type peopleCount struct {
	// users and moves are the revisions of all users and of these tenants.
	users, moves int64
	PeopleCount
}

// PeopleCount says how many users a caller may see.
type PeopleCount struct {
	Total int64
	// OfLimit holds how many users meet each of the caller's limits, in their order.
	OfLimit []int64
	// Epoch is the state of the users whom the caller may see. As long as it stays, what lists show of them does. It
	// is 0 where it is not known.
	Epoch int64
}

func newPeople() *people {
	return &people{
		tenants: otter.Must(&otter.Options[int64, *tenantPeople]{
			MaximumWeight: peopleMemory,
			StatsRecorder: stats.NewCounter(),
			Weigher: func(_ int64, p *tenantPeople) uint32 {
				return uint32(min(p.ids.GetSizeInBytes(), 1<<31)) + 64
			},
		}),
		counts: otter.Must(&otter.Options[string, *peopleCount]{
			MaximumSize: 10_000, ExpiryCalculator: otter.ExpiryAccessing[string, *peopleCount](time.Hour),
			StatsRecorder: stats.NewCounter(),
		}),
	}
}

// CountPeople counts the users whom the caller may see, if that depends on nothing but tenants: it reports whether it
// does. Administrators in the context of a tenant also see each other, which tenants do not tell.
func (s *Store) CountPeople(ctx context.Context, p *models.Principal) (PeopleCount, bool, error) {
	limits, grants := peopleLimits(p)
	searches := slices.ContainsFunc(grants, func(g models.Grant) bool { return g.Search != "" })
	if p.Admin || len(limits) == 0 || len(grants) == 0 || searches {
		return PeopleCount{}, false, nil
	}
	key := peopleKey(p)
	known, ok := s.people.counts.GetIfPresent(key)
	if ok && known.users == p.Seen.Users {
		return known.PeopleCount, true, nil
	}
	moves, epochs, err := s.movesOf(ctx, slices.Concat(tenantsOf(limits, grants), p.Organizations, p.Locations))
	if err != nil {
		return PeopleCount{}, false, err
	}
	var all int64
	for _, n := range moves {
		all += n
	}
	count := PeopleCount{}
	if ok && known.moves == all {
		count = known.PeopleCount
	} else if count, err = s.countPeople(ctx, p.UserID, limits, grants, moves); err != nil {
		return PeopleCount{}, false, err
	}
	count.Epoch = 0
	for _, id := range watchedBy(p, limits, count.OfLimit) {
		count.Epoch += epochs[id]
	}
	s.people.counts.Set(key, &peopleCount{users: p.Seen.Users, moves: all, PeopleCount: count})
	return count, true, nil
}

// peopleKey names what the count depends on besides memberships: the caller's tenants and context, and the state of
// tenants and filters.
func peopleKey(p *models.Principal) string {
	held := make([]int64, 0, 2*len(p.Held))
	for _, h := range p.Held {
		held = append(held, h.RoleID, h.TenantID)
	}
	return fmt.Sprint(p.UserID, p.Seen.Refs, p.Context.LocationID, p.Context.OrganizationID, p.Locations,
		p.Organizations, p.Roles, p.Admin, held)
}

// peopleLimits returns the tenants of which a user must have one, limit by limit, for the caller to see the user, and
// the grants that have to cover the user besides. Where a caller sees people by roles alone that are held in tenants,
// these tenants are a limit, too.
func peopleLimits(p *models.Principal) ([]scopes.Limit, []models.Grant) {
	limits := scopes.LimitsOf(p, scopes.Users.Class)
	grants := scopes.Usable(p, scopes.Users.Can(models.View), scopes.Users)
	if p.Admin || len(grants) == 0 || slices.ContainsFunc(grants, func(g models.Grant) bool { return !g.OnlyHeld() }) {
		return limits, grants
	}
	var held []int64
	for _, g := range grants {
		held = append(held, g.Held.Within...)
	}
	slices.Sort(held)
	return append(limits, scopes.Limit{Tenants: slices.Compact(held)}), grants
}

func tenantsOf(limits []scopes.Limit, grants []models.Grant) []int64 {
	var all []int64
	for _, l := range limits {
		all = append(all, l.Tenants...)
	}
	for _, g := range grants {
		all = append(append(all, g.Organizations...), g.Locations...)
		if g.Held != nil {
			all = append(all, g.Held.Within...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// epochsOf reads how often the people of tenants have changed, in all.
func (s *Store) epochsOf(ctx context.Context, tenants []int64) (int64, error) {
	var n int64
	condition, ids := s.InIDs("taxonomy_id", tenants)
	err := s.Read.WithContext(ctx).Raw("SELECT COALESCE(SUM(epoch), 0) FROM tenant_revisions WHERE "+condition, ids).
		Row().Scan(&n)
	return n, err
}

// watchedBy returns tenants in which every change of the users whom the caller may see counts: those of one limit,
// since whoever is seen is in one of each, and a user's change counts in all tenants of the user. It is the limit that
// fewest users meet, where that is known. A change of the caller counts in the caller's own tenants; without any, it
// returns nil.
func watchedBy(p *models.Principal, limits []scopes.Limit, ofLimit []int64) []int64 {
	if len(p.Assigned) == 0 {
		return nil
	}
	own := p.Assigned[0]
	least := 0
	for i := range ofLimit {
		if ofLimit[i] < ofLimit[least] {
			least = i
		}
	}
	others := slices.DeleteFunc(slices.Clone(limits[least].Tenants), func(id int64) bool { return id == own })
	return append(others, own)
}

// movesOf reads how often the memberships of tenants have changed, and how often their people.
func (s *Store) movesOf(ctx context.Context, tenants []int64) (moves, epochs map[int64]int64, err error) {
	moves = make(map[int64]int64, len(tenants))
	epochs = make(map[int64]int64, len(tenants))
	for _, id := range tenants {
		moves[id] = 0
	}
	condition, ids := s.InIDs("taxonomy_id", tenants)
	rows, err := s.Read.WithContext(ctx).Raw("SELECT taxonomy_id, moves, epoch FROM tenant_revisions WHERE "+condition,
		ids).Rows()
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, n, epoch int64
		if err := rows.Scan(&id, &n, &epoch); err != nil {
			return nil, nil, err
		}
		moves[id] += n
		epochs[id] += epoch
	}
	return moves, epochs, rows.Err()
}

// countPeople counts the users who are in a tenant of every limit and whom a filter covers, and the caller.
func (s *Store) countPeople(ctx context.Context, self int64, limits []scopes.Limit, grants []models.Grant,
	moves map[int64]int64) (PeopleCount, error) {
	var count PeopleCount
	known, err := s.peopleOf(ctx, moves)
	if err != nil {
		return count, err
	}
	in := func(tenants []int64) *roaring64.Bitmap {
		sets := make([]*roaring64.Bitmap, len(tenants))
		for i, id := range tenants {
			sets[i] = known[id]
		}
		return roaring64.FastOr(sets...)
	}
	var seen *roaring64.Bitmap
	for _, l := range limits {
		set := in(l.Tenants)
		count.OfLimit = append(count.OfLimit, int64(set.GetCardinality()))
		if seen == nil {
			seen = set
		} else {
			seen.And(set)
		}
	}
	seen.Add(uint64(self))
	if !slices.ContainsFunc(grants, models.Grant.Unlimited) {
		covered := roaring64.New()
		for _, g := range grants {
			covered.Or(coveredBy(g, seen, in))
		}
		seen = covered
	}
	count.Total = int64(seen.GetCardinality())
	return count, nil
}

// coveredBy returns those of the seen users who are in a tenant of each kind that a filter names, and in one in which
// its role holds.
func coveredBy(g models.Grant, seen *roaring64.Bitmap, in func([]int64) *roaring64.Bitmap) *roaring64.Bitmap {
	set := seen.Clone()
	limits := [][]int64{g.Organizations, g.Locations}
	if g.Held != nil {
		limits = append(limits, g.Held.Within)
	}
	for _, tenants := range limits {
		if len(tenants) > 0 {
			set.And(in(tenants))
		}
	}
	return set
}

// peopleOf returns who is in each of some tenants, and reads the memberships of those that have changed. Revisions are
// read first: what is read after them is at least as new, and is read again when it turns out to be newer.
func (s *Store) peopleOf(ctx context.Context, moves map[int64]int64) (map[int64]*roaring64.Bitmap, error) {
	found := make(map[int64]*roaring64.Bitmap, len(moves))
	var stale []int64
	for id, n := range moves {
		if known, ok := s.people.tenants.GetIfPresent(id); ok && known.moves == n {
			found[id] = known.ids
			continue
		}
		found[id] = roaring64.New()
		stale = append(stale, id)
	}
	if len(stale) == 0 {
		return found, nil
	}
	if err := s.readPeople(s.Search.WithContext(ctx), stale, found); err != nil {
		return nil, err
	}
	for _, id := range stale {
		s.people.tenants.Set(id, &tenantPeople{moves[id], found[id]})
	}
	return found, nil
}

func (s *Store) readPeople(db *gorm.DB, tenants []int64, into map[int64]*roaring64.Bitmap) error {
	condition, ids := s.InIDs("taxonomy_id", tenants)
	rows, err := db.Raw("SELECT taxonomy_id, user_id FROM memberships WHERE "+condition+
		" AND user_id IS NOT NULL", ids).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	batches := map[int64][]uint64{}
	for rows.Next() {
		var tenant, user int64
		if err := rows.Scan(&tenant, &user); err != nil {
			return err
		}
		batches[tenant] = append(batches[tenant], uint64(user))
	}
	for tenant, users := range batches {
		slices.Sort(users)
		into[tenant].AddMany(users)
	}
	return rows.Err()
}

// tenantSlots is how many changes of one tenant are counted beside each other on PostgreSQL; SQLite has one writer.
const tenantSlots = 4

// BumpTenants notes that somebody joined or left tenants.
func (t *Tx) BumpTenants(tenants []int64) { t.moved = append(t.moved, tenants...) }

// TenantsOf returns the tenants of a user, in whatever state the membership is.
func (t *Tx) TenantsOf(user int64) ([]int64, error) {
	var ids []int64
	err := t.Raw("SELECT taxonomy_id FROM memberships WHERE user_id = ?", user).Scan(&ids).Error
	return ids, err
}

// BumpPeople notes that something of users changed which searches find or lists show.
func (t *Tx) BumpPeople(users ...int64) { t.people = append(t.people, users...) }

// writeTenantRevisions counts the changes of tenants, those of the people who changed among them, in the order of their
// ids, so that two changes at a time do not wait for each other in a circle.
func (t *Tx) writeTenantRevisions() error {
	if len(t.moved)+len(t.people) == 0 {
		return nil
	}
	moved := "SELECT value AS id, 1 AS moved FROM json_each(?)"
	if t.Store.Postgres {
		moved = "SELECT id, 1 AS moved FROM unnest(CAST(? AS BIGINT[])) AS gone (id)"
	}
	people, users := t.Store.InIDs("user_id", t.people)
	step := RevisionStep()
	return t.Exec("INSERT INTO tenant_revisions (taxonomy_id, slot, epoch, moves) "+
		"SELECT c.id, CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT) * MAX(c.moved) FROM ("+moved+
		" UNION ALL SELECT taxonomy_id, 0 FROM memberships WHERE "+people+") c JOIN taxonomies t ON t.id = c.id "+
		"GROUP BY c.id ORDER BY c.id ON CONFLICT (taxonomy_id, slot) DO UPDATE SET "+
		"epoch = tenant_revisions.epoch + excluded.epoch, moves = tenant_revisions.moves + excluded.moves",
		t.slot(tenantSlots), step, step, t.Store.list(t.moved), users).Error
}

// list is a list of ids as one bound value.
func (s *Store) list(ids []int64) any {
	if s.Postgres {
		return scopes.ArrayLiteral(ids)
	}
	return scopes.JSONList(ids)
}
