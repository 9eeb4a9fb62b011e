package directory

import (
	"fmt"

	"roster/directory/store"
	"roster/models"
)

// System groups go by their names, so what such a name gives is part of the rule of authority: a caller brings nobody
// into a stronger system group than the own one, whichever way, and acts as nobody in one.

// rankedNames is the rank of the name of a group g as SQL.
var rankedNames = fmt.Sprintf("CASE g.name WHEN '%s' THEN %d WHEN '%s' THEN %d ELSE 0 END", models.SystemUser,
	models.SystemUser.Rank(), models.SystemWorker, models.SystemWorker.Rank())

// defaultRank is the rank of those who are in no system group.
func (t *tx) defaultRank() (int, error) {
	r, err := t.Snapshot()
	if err != nil {
		return 0, err
	}
	return models.SystemGroup(r.Setting("cvat_default_group")).Rank(), nil
}

// ownRank is the caller's rank.
func (t *tx) ownRank() (int, error) {
	switch {
	case t.Caller.Admin:
		return models.SystemAdmin.Rank(), nil
	case t.Caller.UserID <= 0:
		return t.defaultRank()
	}
	return t.rankOfUsers("SELECT u.id FROM users u WHERE u.id = ?", t.Caller.UserID)
}

// rankOfUsers is the highest rank that one of some users has who are no administrators; who selects their ids.
func (t *tx) rankOfUsers(who string, args ...any) (int, error) {
	fallback, err := t.defaultRank()
	if err != nil {
		return 0, err
	}
	return t.rank("SELECT COALESCE(MAX(CASE own.rank WHEN 0 THEN CAST(? AS BIGINT) ELSE own.rank END), 0) FROM ("+
		"SELECT (SELECT COALESCE(MAX("+rankedNames+"), 0) FROM usergroup_users m "+
		"JOIN usergroup_closure c ON c.descendant_id = m.usergroup_id JOIN usergroups g ON g.id = c.ancestor_id "+
		"WHERE m.user_id = who.id) AS rank FROM ("+who+") who) own", append([]any{fallback}, args...)...)
}

// rankOfGroups is the highest rank that the name of one of some groups gives; which is a condition on groups g.
func (t *tx) rankOfGroups(which string, args ...any) (int, error) {
	return t.rank("SELECT COALESCE(MAX("+rankedNames+"), 0) FROM usergroups g WHERE "+which, args...)
}

func (t *tx) rank(query string, args ...any) (int, error) {
	var rank int
	err := t.Raw(query, args...).Row().Scan(&rank)
	return rank, err
}

// rankGiven is the rank that a group in some state gives to those inside it: by its name, or by groups around it.
func (t *tx) rankGiven(g *groupState) (int, error) {
	around, err := t.rankOfGroups("g.id <> ? AND g.id IN ("+groupsAround+")", g.ID, g.ID)
	return max(around, models.SystemGroupNamed(g.Name).Rank()), err
}

// outranks says whether one of some users has a higher rank than the caller; who selects their ids.
func (t *tx) outranks(who string, args ...any) (bool, error) {
	return t.exceedsOwn(func() (int, error) { return t.rankOfUsers(who, args...) })
}

// exceedsOwn reports whether a rank is higher than the caller's. It is worked out only where it can be.
func (t *tx) exceedsOwn(rank func() (int, error)) (bool, error) {
	own, err := t.ownRank()
	if err != nil || own >= models.SystemUser.Rank() {
		return false, err
	}
	given, err := rank()
	return given > own, err
}

// authorizeRank refuses a change of a group that gives somebody a higher rank than the caller's.
func (t *tx) authorizeRank(errs *models.FieldErrors, before, after *groupState) error {
	exceeds, err := t.exceedsOwn(func() (int, error) { return t.rankGained(before, after) })
	if err != nil {
		return err
	}
	attr := "usergroup_ids"
	switch {
	case after.Name == "":
		attr = models.Base
	case after.Name != before.Name:
		attr = "name"
	case !store.SameSet(before.users, after.users):
		attr = "user_ids"
	}
	errs.Check(!exceeds, attr, models.RuleGrantsMore)
	return nil
}

// rankGained is the rank that a change of a group gives: to those who come in, to those inside if it is called
// differently, and to those who leave a weaker group than the one that everybody else is in.
func (t *tx) rankGained(before, after *groupState) (int, error) {
	was, err := t.rankGiven(before)
	if err != nil {
		return 0, err
	}
	is, err := t.rankGiven(after)
	if err != nil {
		return 0, err
	}
	gained := 0
	if is != was || joined(before, after) {
		gained = is
	}
	if was > 0 && (is < was || joined(after, before)) {
		fallback, err := t.defaultRank()
		if err != nil {
			return 0, err
		}
		if fallback > was {
			gained = max(gained, fallback)
		}
	}
	return gained, nil
}

// joined reports whether somebody is in the later state of a group who is not in the earlier one.
func joined(earlier, later *groupState) bool {
	return len(store.Without(later.users, earlier.users))+len(store.Without(later.members, earlier.members)) > 0
}
