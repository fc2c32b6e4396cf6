#!/usr/bin/env python3
"""Writes southbound rows for tests of ovn-trace.

usage: trace-db.py REMOTE < SPECIFICATION

Each line of the specification is one row, with words as in a shell:

    chassis NAME [VAR=VALUE]...         with template variables
    dp NAME switch|router [KEY=VALUE]...        external_ids
    port DP NAME TYPE [chassis=NAME] [sec=ENTRY]... [KEY=VALUE]...
                                        other pairs are options, but for
                                        name=NAME, which is an external_id
    group DP NAME PORT...
    flow DP[,DP]... in|out TABLE STAGE PRIORITY MATCH ACTIONS [HINT]
    set|pg|lb|mac|fdb|dhcp NAME [VALUE]...

UUIDs are counted, so output can be compared."""

import json
import shlex
import subprocess
import sys


class Writer:
    def __init__(self):
        self.operations = []
        self.counts = {}
        self.ids = {}
        self.keys = {}

    def insert(self, table, row, prefix):
        n = self.counts[prefix] = self.counts.get(prefix, 0) + 1
        uuid = '%s%0*x-0000-4000-8000-000000000000' % (
            prefix, 8 - len(prefix), n)
        self.operations.append({'op': 'insert', 'table': table, 'row': row,
                                'uuid': uuid})
        return ['uuid', uuid]

    def key(self, owner, first=1):
        self.keys[owner] = self.keys.get(owner, first - 1) + 1
        return self.keys[owner]

    @staticmethod
    def pairs(words):
        return ['map', [word.split('=', 1) for word in words]]

    def chassis(self, name, *variables):
        encap = self.insert('Encap', {
            'type': 'geneve', 'ip': '192.0.2.%d' % self.key('encap'),
            'chassis_name': name}, '0000')
        self.ids[name] = self.insert('Chassis', {
            'name': name, 'encaps': encap}, '0001')
        if variables:
            self.insert('Chassis_Template_Var', {
                'chassis': name, 'variables': self.pairs(variables)}, '0002')

    def dp(self, name, kind, *ids):
        self.ids[name] = self.insert('Datapath_Binding', {
            'tunnel_key': self.key('dp'), 'external_ids': self.pairs(
                ('name=' + name, 'logical-%s=%08x-0000-4000-8000-00000000000a'
                 % (kind, self.key('nb'))) + ids)}, '0003')

    def port(self, dp, name, kind, *words):
        row = {'logical_port': name, 'type': kind, 'datapath': self.ids[dp],
               'tunnel_key': self.key(dp)}
        options, security = [], []
        for word in words:
            key, value = word.split('=', 1)
            if key == 'chassis':
                row['chassis'] = self.ids[value]
            elif key == 'sec':
                security.append(value)
            elif key == 'name':
                row['external_ids'] = self.pairs([word])
            else:
                options.append(word)
        row['options'] = self.pairs(options)
        row['port_security'] = ['set', security]
        self.ids[name] = self.insert('Port_Binding', row, '0004')

    def group(self, dp, name, *ports):
        self.insert('Multicast_Group', {
            'datapath': self.ids[dp], 'name': name,
            'tunnel_key': self.key(dp + ' groups', 32768),
            'ports': ['set', [self.ids[port] for port in ports]]}, '0005')

    def flow(self, dps, pipeline, table, stage, priority, match, actions,
             hint=None):
        ids = ['stage-name=' + stage] if stage else []
        if hint:
            ids.append('stage-hint=' + hint)
        row = {'pipeline': {'in': 'ingress', 'out': 'egress'}[pipeline],
               'table_id': int(table), 'priority': int(priority),
               'match': match, 'actions': actions,
               'external_ids': self.pairs(ids)}
        dps = dps.split(',')
        if len(dps) == 1:
            row['logical_datapath'] = self.ids[dps[0]]
        else:
            row['logical_dp_group'] = self.insert('Logical_DP_Group', {
                'datapaths': ['set', [self.ids[dp] for dp in dps]]}, '0006')
        self.insert('Logical_Flow', row, 'f')

    def set(self, name, *addresses):
        self.insert('Address_Set', {'name': name, 'addresses': [
            'set', list(addresses)]}, '0007')

    def pg(self, name, *ports):
        self.insert('Port_Group', {'name': name, 'ports': [
            'set', list(ports)]}, '0008')

    def lb(self, name, dp, vip, backends, *options):
        self.insert('Load_Balancer', {
            'name': name, 'datapaths': self.ids[dp], 'protocol': 'tcp',
            'vips': self.pairs([vip + '=' + backends]),
            'options': self.pairs(options)}, '0009')

    def mac(self, port, ip, mac, dp):
        self.insert('MAC_Binding', {
            'logical_port': port, 'ip': ip, 'mac': mac,
            'datapath': self.ids[dp]}, '000a')

    def fdb(self, mac, dp_key, port_key):
        self.insert('FDB', {'mac': mac, 'dp_key': int(dp_key),
                            'port_key': int(port_key)}, '000b')

    def dhcp(self, name, code, kind):
        self.insert('DHCP_Options', {'name': name, 'code': int(code),
                                     'type': kind}, '000c')

    def read(self, stream):
        for line in stream:
            words = shlex.split(line, comments=True)
            if words:
                getattr(self, words[0])(*words[1:])


def main():
    writer = Writer()
    writer.read(sys.stdin)
    done = subprocess.run(
        ['ovsdb-client', 'transact', sys.argv[1],
         json.dumps(['OVN_Southbound'] + writer.operations)],
        check=True, stdout=subprocess.PIPE, universal_newlines=True)
    errors = [result for result in json.loads(done.stdout)
              if result and 'error' in result]
    for error in errors:
        sys.stderr.write(json.dumps(error) + '\n')
    return 1 if errors else 0


if __name__ == '__main__':
    sys.exit(main())
