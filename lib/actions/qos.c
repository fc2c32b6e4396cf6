/* Quality of service and observation: queues, meters, logs, samples. */

#include <config.h>
#include "actions/actions-private.h"

#include "util.h"

/* Highest queue number that set_queue() accepts. */
#define MAX_QUEUE 61440

/* set_queue(QUEUE). */

void
ovnact_parse_set_queue(struct ovnact_parser *p, void *queue_)
{
    struct ovnact_number *queue = queue_;
    uint64_t number;

    if (lexer_force_match(p->lexer, TOKEN_LPAREN)
        && ovnact_parse_number(p, 0, MAX_QUEUE, "queue number", &number)) {
        queue->number = number;
        lexer_force_match(p->lexer, TOKEN_RPAREN);
    }
}

void
ovnact_format_set_queue(const void *queue_, struct ds *ds)
{
    const struct ovnact_number *queue = queue_;

    ds_put_format(ds, "set_queue(%"PRIu32")", queue->number);
}

void
ovnact_encode_set_queue(const void *queue_,
                        const struct ovnact_encode_params *ep OVS_UNUSED,
                        struct ofpbuf *ofpacts)
{
    const struct ovnact_number *queue = queue_;

    ofpact_put_SET_QUEUE(ofpacts)->queue_id = queue->number;
}

/* R = check_pkt_larger(LENGTH). */

void
ovnact_parse_check_pkt_larger(struct ovnact_parser *p, void *check_)
{
    struct ovnact_number *check = check_;
    uint64_t number;

    check->dst = p->dst;
    if (lexer_force_match(p->lexer, TOKEN_LPAREN)
        && ovnact_parse_number(p, 0, UINT16_MAX, "packet length", &number)) {
        check->number = number;
        lexer_force_match(p->lexer, TOKEN_RPAREN);
    }
}

void
ovnact_format_check_pkt_larger(const void *check_, struct ds *ds)
{
    const struct ovnact_number *check = check_;

    ovnact_format_dst(&check->dst, ds);
    ds_put_format(ds, "check_pkt_larger(%"PRIu32")", check->number);
}

void
ovnact_encode_check_pkt_larger(const void *check_,
                               const struct ovnact_encode_params *ep
                               OVS_UNUSED, struct ofpbuf *ofpacts)
{
    const struct ovnact_number *check = check_;
    struct ofpact_check_pkt_larger *cpl
        = ofpact_put_CHECK_PKT_LARGER(ofpacts);

    cpl->pkt_len = check->number;
    cpl->dst = field_ref_to_subfield(&check->dst);
}

/* set_meter(RATE[, BURST]). */

void
ovnact_parse_set_meter(struct ovnact_parser *p, void *meter_)
{
    struct ovnact_set_meter *meter = meter_;

    if (lexer_force_match(p->lexer, TOKEN_LPAREN)
        && ovnact_parse_number(p, 1, UINT32_MAX, "rate", &meter->rate)
        && (!lexer_match(p->lexer, TOKEN_COMMA)
            || ovnact_parse_number(p, 0, UINT32_MAX, "burst",
                                   &meter->burst))) {
        lexer_force_match(p->lexer, TOKEN_RPAREN);
    }
}

void
ovnact_format_set_meter(const void *meter_, struct ds *ds)
{
    const struct ovnact_set_meter *meter = meter_;

    ds_put_format(ds, "set_meter(%"PRIu64, meter->rate);
    if (meter->burst) {
        ds_put_format(ds, ", %"PRIu64, meter->burst);
    }
    ds_put_char(ds, ')');
}

void
ovnact_encode_set_meter(const void *meter_,
                        const struct ovnact_encode_params *ep,
                        struct ofpbuf *ofpacts)
{
    const struct ovnact_set_meter *meter = meter_;
    uint32_t id = (ep->callbacks->meter_by_rate
                   ? ep->callbacks->meter_by_rate(meter->rate, meter->burst,
                                                  ep->aux)
                   : 0);

    if (id) {
        struct ofpact_meter *om = ofpact_put_METER(ofpacts);
        om->meter_id = id;
        om->provider_meter_id = UINT32_MAX;
    }
}

/* log([name="NAME"][, severity=LEVEL][, verdict=VERDICT][, meter="METER"]). */

static const char *const verdicts[N_LOG_VERDICTS] = {
    [LOG_VERDICT_ALLOW] = "allow",
    [LOG_VERDICT_DROP] = "drop",
    [LOG_VERDICT_REJECT] = "reject",
    [LOG_VERDICT_PASS] = "pass",
};

/* Indexed by syslog's number. */
static const char *const severities[] = {
    [1] = "alert", [4] = "warning", [5] = "notice", [6] = "info",
    [7] = "debug",
};
#define SEVERITY_INFO 6

const char *
ovnact_verdict_to_string(uint8_t verdict)
{
    return verdict < N_LOG_VERDICTS ? verdicts[verdict] : "<unknown>";
}

const char *
ovnact_severity_to_string(uint8_t severity)
{
    return (severity < ARRAY_SIZE(severities) && severities[severity]
            ? severities[severity] : "<unknown>");
}

/* Takes a keyword out of 'names' and stores its index. */
static bool
parse_choice(struct ovnact_parser *p, const char *const names[], size_t n,
             const char *what, uint8_t *index)
{
    for (size_t i = 0; i < n; i++) {
        if (names[i] && lexer_match_id(p->lexer, names[i])) {
            *index = i;
            return true;
        }
    }
    lexer_syntax_error(p->lexer, "expecting %s.", what);
    return false;
}

static bool
parse_log_arg(struct ovnact_parser *p, struct ovnact_log *log)
{
    static const char *const args[] = {
        "name", "severity", "verdict", "meter"
    };
    uint8_t arg;

    if (!parse_choice(p, args, ARRAY_SIZE(args),
                      "name, severity, verdict or meter", &arg)
        || !lexer_force_match(p->lexer, TOKEN_ASSIGN)) {
        return false;
    }
    switch (arg) {
    case 0:
        log->name = ovnact_parse_string(p);
        return log->name;
    case 1:
        return parse_choice(p, severities, ARRAY_SIZE(severities),
                            "severity", &log->severity);
    case 2:
        if (lexer_match_id(p->lexer, "deny")) {
            /* As manuals of OVN call it. */
            log->verdict = LOG_VERDICT_DROP;
            return true;
        }
        return parse_choice(p, verdicts, ARRAY_SIZE(verdicts),
                            "verdict allow, drop, reject or pass",
                            &log->verdict);
    default:
        log->meter = ovnact_parse_string(p);
        return log->meter;
    }
}

void
ovnact_parse_log(struct ovnact_parser *p, void *log_)
{
    struct ovnact_log *log = log_;

    log->verdict = LOG_VERDICT_UNKNOWN;
    log->severity = SEVERITY_INFO;
    if (!lexer_match(p->lexer, TOKEN_LPAREN)) {
        return;
    }
    while (!lexer_match(p->lexer, TOKEN_RPAREN)) {
        if (!parse_log_arg(p, log)) {
            return;
        }
        if (p->lexer->token.type != TOKEN_RPAREN
            && !lexer_force_match(p->lexer, TOKEN_COMMA)) {
            return;
        }
    }
}

void
ovnact_format_log(const void *log_, struct ds *ds)
{
    const struct ovnact_log *log = log_;

    ds_put_cstr(ds, "log(");
    if (log->name) {
        ds_put_cstr(ds, "name=");
        ovnact_format_string(log->name, ds);
        ds_put_cstr(ds, ", ");
    }
    if (log->verdict != LOG_VERDICT_UNKNOWN) {
        ds_put_format(ds, "verdict=%s, ", verdicts[log->verdict]);
    }
    ds_put_format(ds, "severity=%s", severities[log->severity]);
    if (log->meter) {
        ds_put_cstr(ds, ", meter=");
        ovnact_format_string(log->meter, ds);
    }
    ds_put_char(ds, ')');
}

void
ovnact_encode_log(const void *log_, const struct ovnact_encode_params *ep,
                  struct ofpbuf *ofpacts)
{
    const struct ovnact_log *log = log_;
    uint32_t meter = ep->controller_meter;

    if (log->meter) {
        meter = (ep->callbacks->meter_by_name
                 ? ep->callbacks->meter_by_name(log->meter, ep->aux) : 0);
        if (!meter) {
            /* Rather no log than one without limit. */
            return;
        }
    }

    size_t start = punt_begin(ofpacts, PUNT_LOG, meter);
    punt_put_u8(ofpacts, PUNT_P_VERDICT, log->verdict);
    punt_put_u8(ofpacts, PUNT_P_SEVERITY, log->severity);
    if (log->name) {
        punt_put_string(ofpacts, PUNT_P_NAME, log->name);
    }
    punt_end(ofpacts, start);
}

/* sample(probability=N, collector_set=ID, obs_domain=ID,
 *        obs_point=ID|@cookie|FIELD). */

static bool
parse_obs_point(struct ovnact_parser *p, struct ovnact_sample *sample)
{
    const struct token *token = &p->lexer->token;
    uint64_t number;

    sample->use_cookie = false;
    if ((token->type == TOKEN_ADDRESS_SET || token->type == TOKEN_PORT_GROUP)
        && !strcmp(token->s, "cookie")) {
        sample->use_cookie = true;
        lexer_next(p->lexer);
        return true;
    }
    if (token->type == TOKEN_ID) {
        return ovnact_parse_field(p, '4', false, &sample->obs_field);
    }
    if (!ovnact_parse_number(p, 0, UINT32_MAX, "observation point id",
                             &number)) {
        return false;
    }
    sample->obs_point = number;
    return true;
}

static bool
parse_sample_arg(struct ovnact_parser *p, struct ovnact_sample *sample)
{
    static const char *const args[] = {
        "probability", "collector_set", "obs_domain", "obs_point",
    };
    static const uint64_t max[] = { UINT16_MAX, UINT32_MAX, UINT8_MAX };
    uint64_t number;
    uint8_t arg;

    if (!parse_choice(p, args, ARRAY_SIZE(args), "probability, "
                      "collector_set, obs_domain or obs_point", &arg)
        || !lexer_force_match(p->lexer, TOKEN_ASSIGN)) {
        return false;
    }
    if (arg == 3) {
        return parse_obs_point(p, sample);
    }
    if (!ovnact_parse_number(p, arg == 0, max[arg], args[arg], &number)) {
        return false;
    }
    if (arg == 0) {
        sample->probability = number;
    } else if (arg == 1) {
        sample->collector_set = number;
    } else {
        sample->obs_domain = number;
    }
    return true;
}

void
ovnact_parse_sample(struct ovnact_parser *p, void *sample_)
{
    struct ovnact_sample *sample = sample_;

    if (!lexer_force_match(p->lexer, TOKEN_LPAREN)) {
        return;
    }
    do {
        if (!parse_sample_arg(p, sample)) {
            return;
        }
    } while (lexer_match(p->lexer, TOKEN_COMMA));
    if (lexer_force_match(p->lexer, TOKEN_RPAREN) && !sample->probability) {
        ovnact_error(p, "probability must be greater than zero.");
    }
}

void
ovnact_format_sample(const void *sample_, struct ds *ds)
{
    const struct ovnact_sample *sample = sample_;

    ds_put_format(ds, "sample(probability=%"PRIu16",collector_set=%"PRIu32
                  ",obs_domain=%"PRIu8",obs_point=", sample->probability,
                  sample->collector_set, sample->obs_domain);
    if (sample->use_cookie) {
        ds_put_cstr(ds, "@cookie");
    } else if (sample->obs_field.symbol) {
        field_ref_format(&sample->obs_field, ds);
    } else {
        ds_put_format(ds, "%"PRIu32, sample->obs_point);
    }
    ds_put_char(ds, ')');
}

/* Open vSwitch before 3.4 cannot take the observation point from a field:
 * northd does not ask for it when this chassis says so, thus what is encoded
 * then does not matter much. */
void
ovnact_encode_sample(const void *sample_,
                     const struct ovnact_encode_params *ep,
                     struct ofpbuf *ofpacts)
{
    const struct ovnact_sample *sample = sample_;

    if (!ep->callbacks->has_collector_set
        || !ep->callbacks->has_collector_set(sample->collector_set,
                                             ep->aux)) {
        return;
    }

    struct ofpact_sample *os = ofpact_put_SAMPLE(ofpacts);
    os->probability = sample->probability;
    os->collector_set_id = sample->collector_set;
    os->obs_domain_id = ((uint32_t) sample->obs_domain << 24
                         | (ep->dp_key & 0xffffff));
    os->obs_point_id = sample->use_cookie ? ep->cookie : sample->obs_point;
    os->sampling_port = OFPP_NONE;
}
