#!/bin/sh
# Runs a command beside a throw-away PostgreSQL, with TEST_POSTGRES_URL set, and removes it all afterwards:
#   scripts/with_postgres.sh pytest tests/storage
# Needs the server's programs (Debian: postgresql-15 or newer), not a running server. PostgreSQL refuses to run as root,
# so root starts it as the user postgres.
set -eu

if [ "$#" -eq 0 ]; then
    echo "usage: $0 command [argument...]" >&2
    exit 2
fi

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
if [ -z "$bin" ]; then
    bin=$(dirname "$(command -v initdb || echo /nowhere/initdb)")
fi
if [ ! -x "$bin/initdb" ]; then
    echo "$0: found no PostgreSQL server (Debian: apt-get install postgresql)" >&2
    exit 2
fi

as_server() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid postgres --regid postgres --init-groups "$@"
    else
        "$@"
    fi
}

folder=$(mktemp -d)
if [ "$(id -u)" -eq 0 ]; then
    chown postgres "$folder"
fi

stop() {
    status=$?
    trap - EXIT
    cd /
    as_server "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$folder"
    exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(
    cd "$folder" # the server must be able to enter the folder it starts in
    as_server "$bin/initdb" -D "$folder/data" -U bot -A trust -E UTF8 --locale C.UTF-8 -N >"$folder/log" 2>&1
    as_server "$bin/pg_ctl" -D "$folder/data" -l "$folder/data/log" -w \
        -o "-p $port -c listen_addresses=127.0.0.1 -k $folder -c fsync=off" start >>"$folder/log" 2>&1
) || {
    cat "$folder/log" >&2
    exit 1
}

TEST_POSTGRES_URL="postgresql+asyncpg://bot@127.0.0.1:$port/postgres"
export TEST_POSTGRES_URL
"$@"
