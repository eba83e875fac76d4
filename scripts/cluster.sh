#!/usr/bin/env bash
# A cluster to try and to test: three ClickHouse servers on loopback, a coordinator and two shards,
# with their data in FOLDER. Prints the address for --cube when they answer, and ends them when its
# standard input ends or it is told to stop.
#   scripts/cluster.sh FOLDER [HTTP TCP  HTTP TCP  HTTP TCP]
set -euo pipefail
folder=${1:?"usage: scripts/cluster.sh FOLDER [HTTP TCP HTTP TCP HTTP TCP]"}
shift
ports=("$@")
[ ${#ports[@]} -gt 0 ] || ports=(18123 19000 18124 19001 18125 19002)
[ ${#ports[@]} = 6 ] || { echo "six ports, or none" >&2; exit 1; }
server=$(command -v clickhouse-server || true)
[ -n "$server" ] || { echo "clickhouse-server is missing: apt-get install clickhouse-server" >&2; exit 1; }

pids=()
stop() {
    trap - EXIT TERM INT
    for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
    exit
}
trap stop EXIT TERM INT

start() { # name http tcp
    local place
    mkdir -p "$folder/$1"
    place=$(cd "$folder/$1" && pwd)
    cat >"$place/config.xml" <<XML
<yandex>
    <logger><level>warning</level><log>$place/log</log><errorlog>$place/errors</errorlog></logger>
    <listen_host>127.0.0.1</listen_host>
    <http_port>$2</http_port>
    <tcp_port>$3</tcp_port>
    <path>$place/data/</path>
    <tmp_path>$place/tmp/</tmp_path>
    <mark_cache_size>67108864</mark_cache_size>
    <users_config>$place/users.xml</users_config>
    <default_profile>default</default_profile>
    <default_database>default</default_database>
    <remote_servers>
        <two>
            <shard><replica><host>127.0.0.1</host><port>${ports[3]}</port>
                <user>revier</user><password>secret</password></replica></shard>
            <shard><replica><host>127.0.0.1</host><port>${ports[5]}</port>
                <user>revier</user><password>secret</password></replica></shard>
        </two>
    </remote_servers>
</yandex>
XML
    cat >"$place/users.xml" <<XML
<yandex>
    <profiles><default/></profiles>
    <quotas><default/></quotas>
    <users>
        <revier>
            <password>secret</password>
            <networks><ip>127.0.0.1</ip></networks>
            <profile>default</profile>
            <quota>default</quota>
        </revier>
    </users>
</yandex>
XML
    (cd "$place" && exec "$server" --config-file="$place/config.xml") \
        </dev/null >"$place/output" 2>&1 &
    pids+=($!)
    disown $!
    echo $! >"$place/pid"
}

start coordinator "${ports[0]}" "${ports[1]}"
start shard-1 "${ports[2]}" "${ports[3]}"
start shard-2 "${ports[4]}" "${ports[5]}"
for port in "${ports[0]}" "${ports[2]}" "${ports[4]}"; do
    for try in $(seq 300); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
        [ "$try" -lt 300 ] || { echo "no server came up on port $port" >&2; exit 1; }
        sleep 0.1
    done
done
echo "clickhouse://revier:secret@127.0.0.1:${ports[0]}/default?cluster=two&hosts=127.0.0.1:${ports[2]},127.0.0.1:${ports[4]}"
cat >/dev/null
