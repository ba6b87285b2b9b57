import { plansOf } from '../../../specs/load-clusters';
import { platformOf } from '../../../platform/platform';
import { CustomKind } from '../../../platform/custom-kind';
import { join } from 'node:path';
import { z } from 'zod';

/** Run as a process of its own, as it is ESM: schemas of the kinds typed by hand, as JSON, by `apiVersion kind`. */
const [plan] = plansOf(join(process.cwd(), 'clusters'), undefined);
const stages = plan === undefined ? [] : await platformOf(plan);
const kinds = stages.flatMap(({ manifests }) => manifests.flatMap((manifest) => CustomKind.kindOf(manifest) ?? []));

process.stdout.write(
  JSON.stringify(
    Object.fromEntries(kinds.map(({ apiVersion, kind, spec }) => [`${apiVersion} ${kind}`, z.toJSONSchema(spec)])),
  ),
);
