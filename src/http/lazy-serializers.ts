import SerializerSelector from "@fastify/fast-json-stringify-compiler";

const eager = SerializerSelector();

/**
 * Compiles the serializer of an answer when it is first given: there are several hundred of them, which together take longer
 * than all the rest of a start, and most starts need few.
 */
export function lazySerializers(...[schemas, options]: Parameters<typeof eager>): ReturnType<typeof eager> {
  const compile = eager(schemas, options);
  return (route) => {
    let serialize: ReturnType<typeof compile> | null = null;
    return (answer) => {
      serialize ??= compile(route);
      return serialize(answer);
    };
  };
}
