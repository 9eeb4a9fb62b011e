-- A small database in the form in which PostgreSQL writes Redmine's, made for the tests.
COPY public.auth_sources (id, name, host, port, base_dn, attr_login) FROM stdin;
1	Directory	ldap.example	389	dc=example	uid
\.
COPY public.roles (id, name, position, builtin) FROM stdin;
3	Lead	1	0
4	Helper	2	0
1	Anybody	0	1
\.
COPY public.users (id, login, hashed_password, firstname, lastname, admin, status, last_login_on, auth_source_id, created_on, updated_on, type, salt, must_change_passwd, passwd_changed_on, twofa_scheme) FROM stdin;
1	root	78aa23f8371cea006c0fd767e428f3c51c0fc1d8	Rita	Root	t	1	\N	\N	2020-05-04 08:00:00	2020-05-04 08:00:00	User	00000000000000000000000000000001	f	2020-05-04 08:00:00	\N
4				Anonymous	f	0	\N	\N	2020-05-04 08:00:00	2020-05-04 08:00:00	AnonymousUser	00000000000000000000000000000004	f	\N	\N
5	ann	7124de93745dffeb9729b77af8748cf80376f76c	Ann	Archer	f	1	\N	\N	2020-05-04 08:00:00	2020-05-04 08:00:00	User	00000000000000000000000000000005	f	2020-05-04 08:00:00	\N
6	ben	089d848bf2484cfbce17df2b282e8b0c22373f82	Ben	Baker	f	1	\N	\N	2020-05-04 08:00:00	2020-05-04 08:00:00	User	00000000000000000000000000000006	f	2020-05-04 08:00:00	\N
7	cleo	2a871f61c461920d1defe15c54cae538cd90c984	Cleo	Cook	f	3	\N	\N	2020-05-04 08:00:00	2020-05-04 08:00:00	User	00000000000000000000000000000007	f	2020-05-04 08:00:00	\N
8	dirk		Dirk	Dyer	f	1	\N	1	2020-05-04 08:00:00	2020-05-04 08:00:00	User	00000000000000000000000000000008	f	\N	\N
9	eve	8bc6cd3533653759d43f6d2b749a5dd7bac8cb66	Eve	Eaton	f	1	\N	\N	2020-05-04 08:00:00	2020-05-04 08:00:00	User	00000000000000000000000000000009	t	2020-05-04 08:00:00	\N
10	fay	9d1baf05dc9a07fc95b171a24cae7341be0ac2fe	Fay	Fox	f	1	\N	\N	2020-05-04 08:00:00	2020-05-04 08:00:00	User	0000000000000000000000000000000a	f	2020-05-04 08:00:00	totp
11				Crew	f	1	\N	\N	2020-05-04 08:00:00	2020-05-04 08:00:00	Group	0000000000000000000000000000000b	f	\N	\N
\.
COPY public.email_addresses (id, user_id, address, is_default) FROM stdin;
1	1	root@example.org	t
2	5	ann@example.org	t
3	6	ben@example.org	t
4	7	cleo@example.org	t
\.
COPY public.groups_users (group_id, user_id) FROM stdin;
11	5
\.
COPY public.tokens (id, user_id, value, created_on) FROM stdin;
1	1	aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	2020-05-04 08:00:00
2	5	bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb	2020-05-04 08:00:00
\.
COPY public.custom_fields (id, type, name, field_format, possible_values, regexp, is_required, is_filter, position, searchable, editable, visible, multiple) FROM stdin;
1	UserCustomField	Room	string	\N		f	t	1	f	t	t	f
2	UserCustomField	Skills	list	---\n- Knots\n- Maps\n		f	t	2	f	t	t	t
\.
COPY public.custom_values (id, customized_id, custom_field_id, value) FROM stdin;
1	5	1	B 12
2	5	2	Knots
3	5	2	Maps
\.
COPY public.projects (id, name, is_public, created_on, updated_on, identifier, status) FROM stdin;
1	Harbour	t	2020-05-04 08:00:00	2020-05-04 08:00:00	harbour	1
2	Old	f	2020-05-04 08:00:00	2020-05-04 08:00:00	old	9
\.
COPY public.members (id, user_id, project_id, created_on) FROM stdin;
1	5	1	2020-05-04 08:00:00
2	11	1	2020-05-04 08:00:00
\.
COPY public.member_roles (id, member_id, role_id, inherited_from) FROM stdin;
1	1	3	\N
2	2	4	\N
3	1	4	2
\.
COPY public.user_preferences (id, user_id, hide_mail) FROM stdin;
1	5	f
\.
