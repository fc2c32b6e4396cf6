# Functions for tests of connections.  To be sourced after functions.sh.

# serve_text VM PORT EXPRESSION: answers each connection, over IPv4 and IPv6,
# with the value of a Python expression of "peer", and echoes what it gets.
serve_text () {
    cat >serve-$1-$2.py <<END
import socket, threading
def serve(c, peer):
    peer = peer[7:] if peer.startswith("::ffff:") else peer
    try:
        c.sendall(($3 + "\n").encode())
        while True:
            data = c.recv(1000)
            if not data:
                break
            c.sendall(data)
    except OSError:
        pass
    c.close()
s = socket.socket(socket.AF_INET6)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
s.bind(("::", $2))
s.listen(50)
print("listening", flush=True)
while True:
    c, addr = s.accept()
    threading.Thread(target=serve, args=(c, addr[0]), daemon=True).start()
END
    in_vm $1 $PYTHON3 serve-$1-$2.py >serve-$1-$2.out 2>&1 &
    echo $! >serve-$1-$2.pid
    wait_until grep -q listening serve-$1-$2.out
}

# serve VM PORT WORD
serve () {
    serve_text $1 $2 "'$3'"
}

# serve_peer VM PORT: answers with the address that asks.
serve_peer () {
    serve_text $1 $2 peer
}

# ask VM ADDR PORT: prints the answer of a server, fails if there is none.
ask () {
    in_vm $1 $PYTHON3 -c '
import socket, sys
try:
    c = socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)
    c.settimeout(3)
    print(c.makefile().readline(), end="")
except OSError:
    sys.exit(1)' $2 $3
}

# ask_often VM ADDR PORT: prints the different answers, fails if any fails.
ask_often () {
    in_vm $1 $PYTHON3 -c '
import socket, sys
answers = set()
for i in range(16):
    try:
        c = socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)
        c.settimeout(3)
        answers.add(c.makefile().readline())
        c.close()
    except OSError:
        answers.add("no answer\n")
        break
print("".join(sorted(answers)), end="")
sys.exit("no answer\n" in answers)' $2 $3
}

# converse VM ADDR PORT: opens a connection to "serve" and keeps it.
converse () {
    rm -f converse-$1.stop converse-$1.out
    in_vm $1 $PYTHON3 -c '
import os, socket, sys, time
c = socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)
c.settimeout(5)
f = c.makefile()
f.readline()
print("connected", flush=True)
n = 0
while not os.path.exists(sys.argv[3]):
    n += 1
    c.sendall(b"%d\n" % n)
    if f.readline() != "%d\n" % n:
        sys.exit("lost")
    time.sleep(0.1)
print("still there", flush=True)' $2 $3 converse-$1.stop \
        >converse-$1.out 2>&1 &
    wait_until grep -q connected converse-$1.out
}

# goes_on VM: ends the conversation; fails if the connection was lost.
goes_on () {
    sleep 1
    : >converse-$1.stop
    wait_until grep -q 'still there' converse-$1.out || cat converse-$1.out
    grep -q 'still there' converse-$1.out
}

# serve_length VM PORT: answers with how many bytes it got.
serve_length () {
    cat >serve-length.py <<END
import socket, sys
s = socket.create_server(("::", int(sys.argv[1])), family=socket.AF_INET6,
                         dualstack_ipv6=True)
print("listening", flush=True)
while True:
    c, addr = s.accept()
    n = 0
    try:
        while True:
            data = c.recv(65536)
            if not data:
                break
            n += len(data)
        c.sendall(b"%d bytes\n" % n)
    except OSError:
        pass
    c.close()
END
    in_vm $1 $PYTHON3 serve-length.py $2 >serve-$1-$2.out 2>&1 &
    echo $! >serve-$1-$2.pid
    wait_until grep -q listening serve-$1-$2.out
}

# send_much VM ADDR PORT: sends 300,000 bytes to "serve_length" and prints what
# it says.
send_much () {
    in_vm $1 $PYTHON3 -c '
import socket, sys
c = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
c.settimeout(10)
c.sendall(300000 * b"x")
c.shutdown(socket.SHUT_WR)
print(c.makefile().readline(), end="")' $2 $3
}

# record_large VM DEVICE LENGTH: prints incoming TCP frames of more bytes to
# VM.large.
record_large () {
    in_vm $1 tcpdump -l -n -Q in -i $2 "tcp and greater $(($3 + 1))" \
        >$1.large 2>$1.large.err &
    echo $! >$1.large.pid
    wait_until grep -q listening $1.large.err
}
