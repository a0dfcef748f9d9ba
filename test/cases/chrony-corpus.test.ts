import { chronyService } from "../corpus/chrony-service.ts";
import { testCorpus } from "../corpus/short-run.ts";

testCorpus(chronyService, { everyNth: 4 });
