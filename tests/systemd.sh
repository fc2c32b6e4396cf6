# Functions for the tests of systemd units.

# unit_run UNIT KEY: the command that KEY of the unit has, as systemd runs it.
unit_run () {
    unit_file=units/$1.service
    unit_command=`sed -n "s/^$2=//p" $unit_file`
    (OVN_CTL_OPTS=
     unit_settings=`sed -n 's/^EnvironmentFile=-//p' $unit_file`
     test ! -e "$unit_settings" || . "$unit_settings"
     eval "$unit_command")
}
