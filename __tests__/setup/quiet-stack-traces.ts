// Under Jest's source maps the traces that cdktf captures for every token are most of a synth's time.
import { quietStackTraces } from '../../stacks/quiet-stack-traces';

quietStackTraces();
