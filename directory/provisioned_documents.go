package directory

import (
	"context"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
	"roster/scopes/search"
)

// ProvisionedDocument is a resource of a type that means nothing here: it is kept for the identity provider of an
// organization as it is, in the extra of its link.
type ProvisionedDocument struct{ Link models.ScimLink }

// Version names the state of the document.
func (d *ProvisionedDocument) Version() string { return linkVersion(&d.Link, d.Link.CreatedAt) }

// ProvisionedDocumentChange is what an identity provider wants a document to be; what is not set stays as it is.
type ProvisionedDocumentChange struct {
	ExternalID models.Opt[*string]
	// Extra is a JSON object.
	Extra models.Opt[string]
	// Unique are trees, by attribute: no other document of the type and the organization may meet them.
	Unique map[string]search.Node
}

// ProvisionedDocuments lists the documents of a type in the organization for which the caller acts.
func (s *Service) ProvisionedDocuments(ctx context.Context, p *models.Principal, kind string,
	q store.ListQuery) (*store.List[*ProvisionedDocument], error) {
	organization, err := provisionerOf(p)
	if err != nil {
		return nil, err
	}
	return store.Listing[models.ScimLink, *ProvisionedDocument]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.ProvisionedDocuments(organization, kind),
		Within: scopes.DocumentsOf(organization, kind),
		Views: func(rows []models.ScimLink) ([]*ProvisionedDocument, error) {
			views := make([]*ProvisionedDocument, len(rows))
			for i, row := range rows {
				views[i] = &ProvisionedDocument{row}
			}
			return views, nil
		},
	}.Read(ctx)
}

// ProvisionedDocument shows one of them.
func (s *Service) ProvisionedDocument(ctx context.Context, p *models.Principal, kind,
	id string) (*ProvisionedDocument, error) {
	organization, err := provisionerOf(p)
	if err != nil {
		return nil, err
	}
	link, err := s.reading(ctx, p).readLink(organization, kind, id)
	if err != nil {
		return nil, err
	}
	return &ProvisionedDocument{*link}, nil
}

// ProvisionDocument makes a document of a type.
func (s *Service) ProvisionDocument(ctx context.Context, p *models.Principal, kind string,
	c ProvisionedDocumentChange) (*ProvisionedDocument, error) {
	organization, err := provisionerOf(p)
	if err != nil {
		return nil, err
	}
	if err := p.MayChange(); err != nil {
		return nil, err
	}
	var link models.ScimLink
	err = s.change(ctx, p, func(t *tx) error {
		link = newLink(organization, kind, t.Time)
		link.Provisioned = true
		if err := t.applyDocument(&link, c); err != nil {
			return err
		}
		if err := t.saveLink(nil, &link); err != nil {
			return err
		}
		return t.auditDocument(&link, nil, &link.Extra)
	})
	if err != nil {
		return nil, err
	}
	return s.ProvisionedDocument(ctx, p, kind, link.UUID)
}

// applyDocument writes a change into a link, unless another document has what may be there once only.
func (t *tx) applyDocument(l *models.ScimLink, c ProvisionedDocumentChange) error {
	c.ExternalID.Apply(&l.ExternalID)
	c.Extra.Apply(&l.Extra)
	if len(c.Unique) == 0 {
		return nil
	}
	if err := t.Lock(store.LockNames); err != nil {
		return err
	}
	r := scopes.ProvisionedDocuments(l.OrganizationID, l.ResourceType)
	var errs models.FieldErrors
	for attribute, tree := range c.Unique {
		var n int64
		err := t.Model(&models.ScimLink{}).Scopes(scopes.DocumentsOf(l.OrganizationID, l.ResourceType)).
			Scopes(scopes.MatchingTree(t.Caller, r, tree)).Where("scim_links.uuid <> ?", l.UUID).Count(&n).Error
		if err != nil {
			return err
		}
		errs.Check(n == 0, attribute, models.RuleTaken)
	}
	return errs.Err()
}

// auditDocument notes a change of a document.
func (t *tx) auditDocument(l *models.ScimLink, before, after *string) error {
	values := func(extra *string) store.AuditedValues {
		if extra == nil {
			return nil
		}
		return store.AuditedValues{store.Audited("extra", extra)}
	}
	return t.Audit(store.AuditSubject{ID: l.ID, Class: "ScimLink", Name: l.ResourceType + " " + l.UUID,
		Tenants: []int64{l.OrganizationID}}, values(before), values(after))
}

// UpdateProvisionedDocument changes a document. change is asked what it is to be, and is asked again where it has
// changed meanwhile; it may refuse.
func (s *Service) UpdateProvisionedDocument(ctx context.Context, p *models.Principal, kind, id string,
	change func(*ProvisionedDocument) (ProvisionedDocumentChange, error)) (*ProvisionedDocument, error) {
	show := func() (*ProvisionedDocument, error) { return s.ProvisionedDocument(ctx, p, kind, id) }
	return changeShown(p, show, change,
		func(d *ProvisionedDocument, c ProvisionedDocumentChange) error { return s.updateDocument(ctx, p, d, c) })
}

func (s *Service) updateDocument(ctx context.Context, p *models.Principal, d *ProvisionedDocument,
	c ProvisionedDocumentChange) error {
	return s.change(ctx, p, func(t *tx) error {
		link, err := t.link(d.Link.OrganizationID, d.Link.ResourceType, d.Link.UUID)
		if err != nil {
			return err
		}
		if link.Version != d.Link.Version {
			return errOtherVersion
		}
		before := *link
		if err := t.applyDocument(link, c); err != nil {
			return err
		}
		if before == *link {
			return nil
		}
		if err := t.saveLink(&before, link); err != nil {
			return err
		}
		return t.auditDocument(link, &before.Extra, &link.Extra)
	})
}

// DeprovisionDocument deletes a document. match may refuse the state that it is in.
func (s *Service) DeprovisionDocument(ctx context.Context, p *models.Principal, kind, id string,
	match func(version string) error) error {
	organization, err := provisionerOf(p)
	if err != nil {
		return err
	}
	return s.change(ctx, p, func(t *tx) error {
		link, err := t.link(organization, kind, id)
		if err != nil {
			return err
		}
		if err := match((&ProvisionedDocument{*link}).Version()); err != nil {
			return err
		}
		if err := t.Delete(link).Error; err != nil {
			return err
		}
		return t.auditDocument(link, &link.Extra, nil)
	})
}
