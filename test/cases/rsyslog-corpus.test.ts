import { rsyslogService } from "../corpus/rsyslog-service.ts";
import { testCorpus } from "../corpus/short-run.ts";

testCorpus(rsyslogService, { everyNth: 20 });
