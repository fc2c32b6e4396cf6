/* DOC: RBAC
 *
 * What the role "ovn-controller" may write in the southbound database
 * (reference A38-A49): a chassis edits its own rows only, where a row says
 * whose it is. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/out/sb.h"
#include "openvswitch/dynamic-string.h"

static const struct permission {
    const char *table;
    const char *authorization;    /* Column that names the client, "": all. */
    bool insert_delete;
    const char *update;           /* Columns, separated by spaces. */
} permissions[] = {
    { "Chassis", "name", true,
      "nb_cfg external_ids encaps vtep_logical_switches other_config "
      "transport_zones" },
    { "Chassis_Private", "name", true,
      "nb_cfg nb_cfg_timestamp chassis external_ids" },
    { "Encap", "chassis_name", true, "type options ip" },
    { "Port_Binding", "", false,
      "chassis additional_chassis encap additional_encap up virtual_parent "
      "options" },
    { "MAC_Binding", "", true, "logical_port ip mac datapath timestamp" },
    { "FDB", "", true, "dp_key mac port_key timestamp" },
    { "Controller_Event", "", true, "chassis event_info event_type seq_num" },
    { "IGMP_Group", "chassis_name", true,
      "address protocol chassis datapath ports" },
    { "Service_Monitor", "chassis_name", false, "status" },
    { "BFD", "chassis_name", false, "status" },
    { "Learned_Route", "", true,
      "datapath logical_port ip_prefix nexthop external_ids" },
};

static struct uuid
permission_uuid(const struct permission *p)
{
    return db_uuid_for(&sb_rbac_permission_table, "%s", p->table);
}

static void
run_rbac_permissions(const void *row OVS_UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(permissions); i++) {
        const struct permission *p = &permissions[i];
        struct db_set *auth = db_set_start();
        db_set_str(auth, p->authorization);
        istr authorization = db_set_finish(auth);

        struct db_set *update = db_set_start();
        char *copy = xstrdup(p->update);
        char *save_ptr = NULL;
        for (char *column = strtok_r(copy, " ", &save_ptr); column;
             column = strtok_r(NULL, " ", &save_ptr)) {
            db_set_str(update, column);
        }
        free(copy);
        emit_sb_rbac_perm(&(struct sb_rbac_perm_v) {
            .uuid = permission_uuid(p), .table_name = text(p->table),
            .authorization = authorization,
            .insert_delete = p->insert_delete,
            .update = db_set_finish(update),
        });
    }
}
const struct inc_rule rbac_permissions = { .name = "rbac_permissions",
                                           .run = run_rbac_permissions };

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static void
run_rbac_roles(const void *row OVS_UNUSED)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    const char *sorted[ARRAY_SIZE(permissions)];

    for (size_t i = 0; i < ARRAY_SIZE(permissions); i++) {
        sorted[i] = permissions[i].table;
    }
    qsort(sorted, ARRAY_SIZE(sorted), sizeof *sorted,
          compare_names);
    ds_put_cstr(&s, "[\"map\",[");
    for (size_t i = 0; i < ARRAY_SIZE(sorted); i++) {
        struct uuid uuid = db_uuid_for(&sb_rbac_permission_table, "%s",
                                       sorted[i]);
        ds_put_format(&s, "%s[\"%s\",[\"uuid\",\""UUID_FMT"\"]]",
                      i ? "," : "", sorted[i], UUID_ARGS(&uuid));
    }
    ds_put_cstr(&s, "]]");
    emit_sb_role(&(struct sb_role_v) {
        .uuid = db_uuid_for(&sb_rbac_role_table, "%s", "ovn-controller"),
        .name = text("ovn-controller"), .permissions = text(ds_cstr(&s)),
    });
    ds_destroy(&s);
}
const struct inc_rule rbac_roles = { .name = "rbac_roles",
                                     .run = run_rbac_roles };
