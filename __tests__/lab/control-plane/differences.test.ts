import { CONTROL_PLANE_DIFFERENCES, LAB_ARGUMENTS, LAB_ENVIRONMENT } from '../../../lab/control-plane/differences';

test('every flag and variable that the lab adds is written down', () => {
  const text = CONTROL_PLANE_DIFFERENCES.map(({ what }) => what).join('\n');
  const flags = Object.values(LAB_ARGUMENTS).flatMap((args) => Object.keys(args).map((flag) => `--${flag}`));
  for (const name of [...flags, ...Object.keys(LAB_ENVIRONMENT)]) expect(text).toContain(name);
});
