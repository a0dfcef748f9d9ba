import { chronyService } from "../../../corpus/chrony-service.ts";
import { testGenerated } from "../../../corpus/generated-tests.ts";

testGenerated(chronyService);
