# Translation on a distributed router in one zone.
. "$abs_top_srcdir/tests/flows/nat.sh"
ovn-nbctl set nb_global . options:use_common_zone=true
golden_stages='lr_in_unsnat|lr_in_dnat|lr_out_'
