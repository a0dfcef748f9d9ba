import { testGenerated } from "../../../corpus/generated-tests.ts";
import { rsyslogService } from "../../../corpus/rsyslog-service.ts";

testGenerated(rsyslogService);
