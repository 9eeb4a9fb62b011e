#!/usr/bin/env bash
# Installs, starts, upgrades, removes and purges the package on a copy of this machine's root, which is thrown away.
# Usage: lifecycle.sh FIRST.deb SECOND.deb PORT, as root in a mount namespace of its own.
set -euo pipefail

if [ "$1" != inside ]; then
  dir=$(mktemp -d)
  trap 'umount -R "$dir" 2>/dev/null || true; rmdir "$dir"' EXIT
  mount -t tmpfs -o size=1g tmpfs "$dir"
  mkdir "$dir/upper" "$dir/work" "$dir/root"
  mount -t overlay -o "lowerdir=/,upperdir=$dir/upper,workdir=$dir/work" overlay "$dir/root"
  mount --rbind /dev "$dir/root/dev"
  mount -t proc proc "$dir/root/proc"
  mount -t tmpfs tmpfs "$dir/root/run"
  mount -t tmpfs -o mode=1777 tmpfs "$dir/root/tmp"
  cp "$1" "$dir/root/tmp/first.deb"
  cp "$2" "$dir/root/tmp/second.deb"
  cp "$0" "$dir/root/tmp/lifecycle.sh"
  chroot "$dir/root" /bin/bash /tmp/lifecycle.sh inside "$3"
  exit
fi
port=$2
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive
cd /
server=

fail() {
  echo "FAILED: $1" >&2
  cat /tmp/out /tmp/log >&2 2>/dev/null || true
  [ -z "$server" ] || kill -9 "$server" 2>/dev/null || true
  exit 1
}

# is WANTED COMMAND...: the output of a command.
is() {
  local want=$1 got
  shift
  got=$("$@" 2>&1) || fail "$*: $got"
  [ "$got" = "$want" ] || fail "$*: got $got, want $want"
}

# start runs the line of the unit as the account of the unit, in its directory.
start() {
  local line
  line=$(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/roster.service)
  # shellcheck disable=SC2086
  (cd /var/lib/roster && umask 0027 && exec setpriv --reuid roster --regid roster --init-groups --no-new-privs $line) \
    >/tmp/out 2>/tmp/log &
  server=$!
  for _ in $(seq 600); do
    grep -q administrator /tmp/out && return 0
    kill -0 "$server" 2>/dev/null || fail "the server ended"
    sleep 0.1
  done
  fail "the server does not start"
}

stop() {
  kill -TERM "$server"
  local status=0
  wait "$server" || status=$?
  server=
  [ "$status" = 0 ] || fail "the server stopped with $status"
}

echo "== install"
dpkg -i /tmp/first.deb || fail "dpkg -i"
is '640 root roster' stat -c '%a %U %G' /etc/roster/roster.yaml
is '750 root roster' stat -c '%a %U %G' /etc/roster
is '750 roster roster' stat -c '%a %U %G' /var/lib/roster
is '755 root root' stat -c '%a %U %G' /usr/bin/roster
is '1.0.0' dpkg-query -W -f '${Version}' roster
is '/etc/roster/roster.yaml' cat /var/lib/dpkg/info/roster.conffiles
bash -n /usr/share/bash-completion/completions/roster || fail "the completion"
is '' dpkg --verify roster

echo "== configure and start"
sed -i "s/^listen:.*/listen: 127.0.0.1:$port/" /etc/roster/roster.yaml
is 'Nothing is wrong or risky.' runuser -u roster -- roster config check --config /etc/roster/roster.yaml
start
password=$(awk '$1 == "password" {print $2}' /tmp/out)
[ -n "$password" ] || fail "no password was shown"
export ROSTER_URL=http://127.0.0.1:$port ROSTER_USERNAME=admin ROSTER_PASSWORD=$password
roster user create --login ann --mail ann@example.com --auth-source External || fail "create a user"
is '600 roster roster' stat -c '%a %U %G' /var/lib/roster/roster.db
key=$(sha256sum /var/lib/roster/secret.key)

echo "== upgrade"
dpkg -i /tmp/second.deb || fail "dpkg -i"
is '1.0.1' dpkg-query -W -f '${Version}' roster
grep -q "^listen: 127.0.0.1:$port" /etc/roster/roster.yaml || fail "the settings were replaced"
is '640 root roster' stat -c '%a %U %G' /etc/roster/roster.yaml
roster health --listen "127.0.0.1:$port" >/dev/null || fail "the server does not go on"
stop
start
! grep -q password /tmp/out || fail "the second start shows a password"
roster user list --fields Login | grep -q ann || fail "the user is gone"
stop

echo "== remove"
dpkg -r roster || fail "dpkg -r"
[ ! -e /usr/bin/roster ] && [ ! -e /usr/lib/systemd/system/roster.service ] || fail "the program is still there"
grep -q "$port" /etc/roster/roster.yaml || fail "the settings are gone"
[ -s /var/lib/roster/roster.db ] || fail "the database is gone"

echo "== purge"
dpkg -P roster || fail "dpkg -P"
[ ! -e /etc/roster ] || fail "the settings are still there"
[ -s /var/lib/roster/roster.db ] || fail "the database is gone"
is "$key" sha256sum /var/lib/roster/secret.key
getent passwd roster >/dev/null || fail "the account is gone"
! dpkg-query -W roster 2>/dev/null || fail "the package is still known"
echo "== done"
