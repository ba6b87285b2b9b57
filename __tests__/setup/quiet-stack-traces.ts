// cdktf captures a stack trace for every token; under Jest's source maps that is most of a synth's time.
import stackTrace = require('cdktf/lib/tokens/private/stack-trace');

(stackTrace as { captureStackTrace: () => string[] }).captureStackTrace = () => [];
