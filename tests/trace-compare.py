#!/usr/bin/env python3
"""Compares where two tracers on two southbound databases send packets.

usage: trace-compare.py [OPTION]... TRACER1 DB1 TRACER2 DB2

Makes up packets from what DB1 has: ports and their addresses, addresses and
ports that logical flows match on, backends of load balancers.  Each packet is
traced by both; the set of ports it is delivered to must be the same.  The
random numbers depend on --seed only, so a run can be repeated.

With --contents both tracers must be ours.  Then packets are also on some
chassis, what they have become when they are delivered must be the same too,
and where one of several next hops is selected, each has its turn.

A line of the file given with --known names a packet for which another result
is right, as "PATTERN # REASON": a regular expression that matches the
microflow, a space, a bar and what was found: "MICROFLOW | PORTS1 | PORTS2".
These are counted and listed, but are no failure."""

import argparse
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time


class Tracer:
    """A tracer that runs as a daemon, and is started again if it dies."""

    def __init__(self, name, program, db):
        self.name, self.program, self.db = name, program, db
        self.dir = tempfile.mkdtemp(prefix='trace-compare.')
        self.ctl = os.path.join(self.dir, 'ctl')
        self.pidfile = os.path.join(self.dir, 'pid')
        self.sock = None
        self.plain_daemon = False

    def start(self):
        env = dict(os.environ, OVN_RUNDIR=self.dir, OVS_RUNDIR=self.dir)
        env.pop('OVN_NB_DB', None)
        subprocess.run([self.program, '--db=' + self.db, '--select-id=1',
                        '--no-leader-only', '--detach', '--no-chdir',
                        '--pidfile=' + self.pidfile, '--unixctl=' + self.ctl,
                        '-vconsole:off', '-vsyslog:off'],
                       env=env, check=True)
        deadline = time.time() + 30
        while True:
            self.sock = socket.socket(socket.AF_UNIX)
            try:
                self.sock.connect(self.ctl)
                self.sock.settimeout(60)
                break
            except OSError:
                if time.time() > deadline:
                    raise
                time.sleep(0.05)

    def kill(self):
        """OVN's tracer may run in circles until it has all memory."""
        with open(self.pidfile) as f:
            pid = int(f.read())
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.sock = None

    def stop(self):
        if self.sock:
            try:
                self.request('exit', [])
            except (OSError, ValueError):
                pass
        shutil.rmtree(self.dir, ignore_errors=True)

    def request(self, method, params):
        message = {'method': method, 'params': params, 'id': 0}
        self.sock.sendall(json.dumps(message).encode())
        decoder, text = json.JSONDecoder(), ''
        while True:
            data = self.sock.recv(1 << 16)
            if not data:
                raise OSError('the tracer died')
            text += data.decode()
            if not text.endswith('}'):
                continue        # Decoding a part of it would be a waste.
            try:
                return decoder.raw_decode(text)[0]
            except ValueError:
                pass

    def in_daemon(self, args):
        """Returns output, or None if the tracer crashed or does not end."""
        if not self.sock:
            self.start()
        try:
            reply = self.request('trace', args)
        except OSError:
            self.kill()
            return None
        return reply['error'] or reply['result']

    def in_process(self, args):
        """For options that OVN's daemon does not have."""
        env = dict(os.environ)
        env.pop('OVN_NB_DB', None)
        done = subprocess.run(
            [self.program, '--db=' + self.db, '--no-leader-only',
             '--select-id=1', '-vconsole:off', '-vsyslog:off'] + args,
            env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True)
        if done.returncode < 0 or done.returncode >= 128:
            return None
        return done.stdout + done.stderr

    def trace(self, packet, form='--minimal', *more):
        args = [form, *more]
        if packet.ct:
            args += ['--ct=' + packet.ct] * 8
        if packet.lb_dst:
            args += ['--lb-dst=' + packet.lb_dst]
        if packet.chassis:
            args += ['--chassis=' + packet.chassis]
        args.append(packet.text)
        if self.plain_daemon and (packet.ct or packet.lb_dst):
            return self.in_process(args)
        output = self.in_daemon(args)
        if output and output.startswith('unknown option'):
            self.plain_daemon = True
            return self.in_process(args)
        return output

    def ports(self, packet):
        output = self.trace(packet)
        if output is None:
            return 'crash'
        if not output.startswith('# '):
            return 'error: ' + output.strip()
        ports = set(re.findall(r'output\("([^"]*)"\)', output))
        return ' '.join(sorted(ports)) or 'drop'

    # What belongs to the logical pipeline, not to the packet.
    INTERNAL = re.compile(r'\b(x?x?reg\d+|metadata|ct_\w+|in_port)=[^,]*,?')

    def deliveries(self, packet):
        """The ports, each with what it gets."""
        found = set()
        for choice in '1', '2', '3':
            output = self.trace(packet, '--format=json',
                                '--select-id=' + choice)
            if output is None:
                return 'crash'
            try:
                outcomes = json.loads(output)['outcomes']
            except RecursionError:
                # Routers send it in circles until its TTL is 0.
                packet.selections = 2
                return 'circle'
            except ValueError:
                return 'error: ' + output.strip()
            for end in outcomes:
                if end['type'] == 'delivered':
                    found.add('%s{%s}' % (end['port'], self.INTERNAL.sub(
                        '', end['packet']).strip(',')))
                # Groups without members do not exist.
                elif (end['type'] == 'error'
                      and 'null logical port' not in end['text']):
                    found.add('error: ' + end['text'])
            selections = output.count('"select(') + output.count(' = select(')
            packet.selections = max(packet.selections, selections)
            if not selections:
                break
        return ' '.join(sorted(found)) or 'drop'


class Database:
    """What packets can be made of."""

    def __init__(self, remote):
        self.remote = remote
        self.tables = {}

    def rows(self, table):
        if table not in self.tables:
            text = subprocess.run(
                ['ovsdb-client', '--no-leader-only', 'transact', self.remote,
                 json.dumps(['OVN_Southbound',
                             {'op': 'select', 'table': table, 'where': []}])],
                check=True, stdout=subprocess.PIPE,
                universal_newlines=True).stdout
            # Rows have another UUID in each run, and come in its order.
            self.tables[table] = sorted(json.loads(text)[0]['rows'],
                                        key=self.order)
        return self.tables[table]

    @staticmethod
    def order(row):
        return [row.get(column, '') for column in
                ('logical_port', 'name', 'pipeline', 'table_id', 'priority',
                 'match')].__repr__()


def members(value):
    return value[1] if isinstance(value, list) and value[0] == 'set' \
        else [value]


def mapping(value):
    return dict(value[1])


class Port:
    def __init__(self, row):
        self.name = row['logical_port']
        self.type = row['type']
        self.peer = mapping(row['options']).get('peer')
        self.datapath = row['datapath'][1]
        self.chassis = members(row['chassis'])
        self.mac, self.ip4, self.ip6 = None, [], []
        for words in (mac.split() for mac in members(row['mac'])):
            if words and ':' in words[0]:
                self.mac = words[0]
                for ip in words[1:]:
                    (self.ip6 if ':' in ip else self.ip4).append(
                        ip.split('/')[0])


class Packet:
    def __init__(self, inport, conditions, ct=None, lb_dst=None):
        self.text = ' && '.join(['inport == "%s"' % inport] + conditions)
        self.ct, self.lb_dst, self.chassis = ct, lb_dst, None
        self.inport = inport
        self.selections = 0     # Choices on its way, at most.

    def __str__(self):
        return ('--ct=%s ' % self.ct if self.ct else '') \
            + ('--lb-dst=%s ' % self.lb_dst if self.lb_dst else '') \
            + ('--chassis=%s ' % self.chassis if self.chassis else '') \
            + self.text


class Generator:
    def __init__(self, db, seed):
        self.random = random.Random(seed)
        self.ports = [Port(row) for row in db.rows('Port_Binding')]
        self.chassis = {row['_uuid'][1]: row['name']
                        for row in db.rows('Chassis')}
        by_name = {port.name: port for port in self.ports}
        self.by_name = by_name
        self.starts = [p for p in self.ports if p.type in ('', 'localnet')]
        self.with_ip4 = [p for p in self.ports if p.mac and p.ip4]
        self.with_ip6 = [p for p in self.ports if p.mac and p.ip6]
        # The MAC addresses of routers on a datapath.
        self.routers = {}
        for port in self.ports:
            router = by_name.get(port.peer)
            if router and router.mac:
                self.routers.setdefault(port.datapath, []).append(router.mac)
        self.backends = {}
        for row in db.rows('Load_Balancer'):
            for vip, backends in mapping(row['vips']).items():
                if backends:
                    self.backends[vip] = backends.split(',')
        self.harvest_backends(db)
        self.harvest(db)

    def harvest_backends(self, db):
        """Load balancers of routers are only in logical flows."""
        for row in db.rows('Logical_Flow'):
            vip = re.search(r'\bip[46]\.dst == ([0-9a-f.:]+)', row['match'])
            port = re.search(r'\b(?:tcp|udp|sctp)\.dst == ([0-9]+)',
                             row['match'])
            backends = re.search(r'\bct_lb(?:_mark)?\(backends=([^;)]*)',
                                 row['actions'])
            if vip and backends:
                ip = vip.group(1)
                if port:
                    ip = ('[%s]:%s' if ':' in ip else '%s:%s') % (
                        ip, port.group(1))
                self.backends[ip] = backends.group(1).split(',')

    def harvest(self, db):
        """Collects what logical flows match on."""
        found = {}
        pattern = re.compile(r'\b(ip4\.dst|ip6\.dst|arp\.tpa|nd\.target'
                             r'|tcp\.dst|udp\.dst) == (\{[^}]*\}'
                             r'|[0-9a-f.:/]+)')
        for row in db.rows('Logical_Flow'):
            for field, values in pattern.findall(row['match']):
                for value in values.strip('{}').split(','):
                    value = value.strip().split('/')[0]
                    found.setdefault(field, set()).add(value)
        def get(*fields):
            return sorted(set().union(*(found.get(f, ()) for f in fields)))
        self.ip4 = get('ip4.dst', 'arp.tpa') + ['8.8.8.8', '203.0.113.7']
        self.ip6 = [ip for ip in get('ip6.dst', 'nd.target') if ':' in ip] \
            + ['2001:db8:99::1']
        self.macs = sorted({mac for row in db.rows('Logical_Flow')
                            for mac in re.findall(r'eth\.dst == ([0-9a-f:]+)',
                                                  row['match'])})
        self.l4_ports = get('tcp.dst', 'udp.dst') + ['22', '80', '8080']

    def one_of(self, *choices):
        return self.random.choice(choices)

    def pick(self, choices, default=None):
        return self.random.choice(choices) if choices else default

    def source(self):
        """A port to send from, and the addresses that it uses."""
        port = self.pick(self.starts)
        mac = port.mac or '0a:00:00:00:00:%02x' % self.random.randrange(4)
        if self.random.random() < 0.05:
            mac = '0a:00:00:00:00:99'
        ip4 = self.pick(port.ip4) or self.one_of('203.0.113.9', '10.0.0.77')
        ip6 = self.pick(port.ip6) or '2001:db8:77::9'
        return port, mac, ip4, ip6

    def vip_packet(self, name, conditions, ct, ip, l4_port):
        """Chooses a backend if that is what a load balancer does."""
        vip = ('[%s]:%s' if ':' in ip else '%s:%s') % (ip, l4_port)
        backends = self.backends.get(vip) or self.backends.get(ip)
        return Packet(name, conditions, ct, self.pick(backends))

    def transport(self, conditions, v6):
        kind = self.one_of('tcp', 'udp', 'icmp', 'tcp')
        port = self.pick(self.l4_ports)
        if kind == 'icmp':
            icmp = 'icmp6' if v6 else 'icmp4'
            echo = '128' if v6 else '8'
            conditions += ['%s.type == %s' % (icmp, echo),
                           '%s.code == 0' % icmp]
        else:
            conditions += ['%s.src == %d' % (kind, self.random.randrange(
                30000, 60000)), '%s.dst == %s' % (kind, port)]
        return port

    def addresses(self, port, v6):
        """Where to: to a port, or through a router to anything."""
        routers = self.routers.get(port.datapath)
        local = [p for p in (self.with_ip6 if v6 else self.with_ip4)
                 if p.datapath == port.datapath and p is not port]
        if local and (not routers or self.random.random() < 0.3):
            to = self.pick(local)
            return to.mac, self.pick(to.ip6 if v6 else to.ip4)
        everyone = self.with_ip6 if v6 else self.with_ip4
        if everyone and self.random.random() < 0.4:
            to = self.pick(everyone)
            ip = self.pick(to.ip6 if v6 else to.ip4)
        else:
            ip = self.pick(self.ip6 if v6 else self.ip4)
        return self.pick(routers, 'ff:ff:ff:ff:ff:ff'), ip

    def ip_packet(self):
        port, mac, ip4, ip6 = self.source()
        v6 = bool(self.with_ip6) and self.random.random() < 0.25
        dst_mac, dst = self.addresses(port, v6)
        ip = 'ip6' if v6 else 'ip4'
        conditions = ['eth.src == ' + mac, 'eth.dst == ' + dst_mac,
                      '%s.src == %s' % (ip, ip6 if v6 else ip4),
                      '%s.dst == %s' % (ip, dst),
                      'ip.ttl == %s' % self.one_of(64, 64, 64, 64, 1)]
        ct = self.one_of('new', 'new', 'est', 'est,rpl', None)
        l4_port = self.transport(conditions, v6)
        return self.vip_packet(port.name, conditions, ct, dst, l4_port)

    def arp_packet(self):
        port, mac, ip4, _ = self.source()
        op = self.one_of(1, 1, 1, 2)
        return Packet(port.name, [
            'eth.src == ' + mac,
            'eth.dst == ' + ('ff:ff:ff:ff:ff:ff' if op == 1 else
                             self.pick(self.routers.get(port.datapath),
                                       'ff:ff:ff:ff:ff:ff')),
            'arp.op == %d' % op, 'arp.sha == ' + mac, 'arp.spa == ' + ip4,
            'arp.tpa == ' + self.pick(self.ip4)])

    def nd_packet(self):
        port, mac, _, ip6 = self.source()
        target = self.pick(self.ip6)
        return Packet(port.name, [
            'eth.src == ' + mac, 'eth.dst == 33:33:ff:00:00:01',
            'ip6.src == ' + ip6, 'ip6.dst == ff02::1:ff00:1', 'nd_ns',
            'nd.target == ' + target, 'nd.sll == ' + mac])

    def dhcp_packet(self):
        port, mac, _, _ = self.source()
        return Packet(port.name, [
            'eth.src == ' + mac, 'eth.dst == ff:ff:ff:ff:ff:ff',
            'ip4.src == 0.0.0.0', 'ip4.dst == 255.255.255.255',
            'udp.src == 68', 'udp.dst == 67', 'ip.ttl == 64'])

    def multicast_packet(self):
        port, mac, ip4, _ = self.source()
        return Packet(port.name, [
            'eth.src == ' + mac, 'eth.dst == 01:00:5e:01:02:03',
            'ip4.src == ' + ip4, 'ip4.dst == 239.1.2.3', 'udp.dst == 5000',
            'udp.src == 5000', 'ip.ttl == 4'])

    def odd_packet(self):
        """What routers and switches see now and then."""
        port, mac, ip4, ip6 = self.source()
        other = self.random.choice(self.ports)
        ethernet = ['eth.src == ' + mac, 'eth.dst == ' + self.one_of(
            'ff:ff:ff:ff:ff:ff', '0a:00:00:00:00:77', '01:00:5e:00:00:01',
            *self.macs)]
        to = self.pick(other.ip4, '255.255.255.255')
        plain = ['ip4.src == ' + ip4, 'ip4.dst == ' + to, 'ip.ttl == 64']
        kind = self.random.randrange(10)
        if kind == 0:           # To a broadcast address.
            plain[1] = 'ip4.dst == ' + self.one_of(
                '255.255.255.255', re.sub(r'\d+$', '255', to))
        elif kind == 1:         # Nobody has such an address.
            plain[0] = 'ip4.src == ' + self.one_of(
                '127.0.0.1', '0.0.0.0', '255.255.255.255', '224.0.0.5', to,
                *self.ip4)
        elif kind == 2:         # Tagged.
            plain.append('vlan.vid == %d' % self.random.randrange(4))
        elif kind == 3:         # About itself.
            return Packet(port.name, [
                'eth.src == ' + mac, 'eth.dst == ff:ff:ff:ff:ff:ff',
                'arp.op == %d' % self.one_of(1, 2), 'arp.sha == ' + mac,
                'arp.spa == ' + ip4, 'arp.tpa == ' + ip4])
        elif kind == 4:
            return Packet(port.name, ethernet + [
                'ip6.src == ' + ip6, 'ip6.dst == ' + self.one_of(
                    'ff02::1', ip6), 'ip.ttl == 255', 'nd_na',
                'nd.target == ' + ip6, 'nd.tll == ' + mac])
        elif kind == 5:
            return Packet(port.name, [
                'eth.src == ' + mac, 'eth.dst == 33:33:00:00:00:02',
                'ip6.src == fe80::77', 'ip6.dst == ff02::2',
                'ip.ttl == 255', 'nd_rs'])
        elif kind == 6:         # A solicitation to one machine.
            return Packet(port.name, ethernet + [
                'ip6.src == ' + ip6, 'ip6.dst == ' + self.pick(
                    other.ip6, 'ff02::2'), 'ip.ttl == 255', 'nd_ns',
                'nd.target == ' + self.pick(other.ip6, ip6),
                'nd.sll == ' + mac])
        elif kind == 7:
            plain[2] = 'ip.ttl == %s' % self.one_of(0, 1, 2)
        else:                   # An answer.
            return Packet(port.name, ethernet + plain + [
                'icmp4.type == %d' % self.one_of(0, 3, 11),
                'icmp4.code == 0'], self.one_of('est,rpl', 'rel,rpl', 'inv'))
        return Packet(port.name, ethernet + plain + [
            'udp.src == 4000', 'udp.dst == %s' % self.pick(self.l4_ports)],
            self.one_of('new', 'est', None))

    def packet_on_chassis(self):
        """One in five is odd, two of three are on a chassis."""
        packet = (self.odd_packet() if self.random.random() < 0.2
                  else self.packet())
        home = self.by_name[packet.inport].chassis
        if home:
            packet.chassis = self.one_of(None, self.chassis[home[0][1]])
        elif self.chassis:
            packet.chassis = self.one_of(None, *sorted(
                self.chassis.values()))
        return packet

    def packet(self):
        n = self.random.random()
        return (self.ip_packet() if n < 0.75 else
                self.arp_packet() if n < 0.85 else
                self.nd_packet() if n < 0.92 else
                self.dhcp_packet() if n < 0.96 else self.multicast_packet())


def read_known(name):
    known = []
    for line in open(name) if name else ():
        line = line.strip()
        if line and not line.startswith('#'):
            pattern, reason = line.rsplit(' # ', 1)
            known.append((re.compile(pattern), reason))
    return known


def compare(first, second, packets, known, args):
    """Returns the number of packets about which the tracers disagree."""
    n_bad, n_known, seen = 0, 0, {}
    method = Tracer.deliveries if args.contents else Tracer.ports
    for packet in packets:
        ports = method(first, packet), method(second, packet)
        seen[ports[0]] = seen.get(ports[0], 0) + 1
        if ports[0] == ports[1]:
            continue
        line = '%s | %s | %s' % ((packet,) + ports)
        if packet.selections > 1:
            # All choose the same, so not all combinations were seen; or too
            # much was.
            print('incomparable: ' + line)
            continue
        reasons = [reason for pattern, reason in known
                   if pattern.search(line)]
        if reasons:
            n_known += 1
            print('known: %s: %s' % (reasons[0], line))
            continue
        n_bad += 1
        print('different: ' + line)
        if args.verbose:
            for tracer in first, second:
                print('== %s\n%s' % (tracer.name,
                                     tracer.trace(packet, '--detailed')))
    print('%d packets, %d results, %d dropped, %d different, %d known' % (
        len(packets), len(seen), seen.get('drop', 0), n_bad, n_known))
    return n_bad


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('tracer1')
    parser.add_argument('db1')
    parser.add_argument('tracer2')
    parser.add_argument('db2')
    parser.add_argument('-n', type=int, default=200,
                        help='number of random packets')
    parser.add_argument('--seed', default='0')
    parser.add_argument('--packets', help='a file with more microflows, one a '
                        'line, each perhaps with --ct= and --lb-dst= in front')
    parser.add_argument('--known', help='a file about known differences')
    parser.add_argument('--contents', action='store_true',
                        help='compare what is delivered, too')
    parser.add_argument('-v', '--verbose', action='store_true',
                        help='show both traces of each difference')
    args = parser.parse_args()

    generator = Generator(Database(args.db1), args.seed)
    packet = (generator.packet_on_chassis if args.contents
              else generator.packet)
    packets = [packet() for _ in range(args.n)]
    for line in open(args.packets) if args.packets else ():
        line = line.strip()
        if line and not line.startswith('#'):
            packet = Packet('', [])
            words = line.split(' ')
            while words[0].startswith('--'):
                option, value = words.pop(0)[2:].split('=', 1)
                setattr(packet, option.replace('-', '_'), value)
            packet.text = ' '.join(words)
            packets.append(packet)

    first = Tracer('first', args.tracer1, args.db1)
    second = Tracer('second', args.tracer2, args.db2)
    try:
        n_bad = compare(first, second, packets, read_known(args.known),
                        args)
    finally:
        first.stop()
        second.stop()
    return 1 if n_bad else 0


if __name__ == '__main__':
    sys.exit(main())
