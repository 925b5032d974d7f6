import { authenticateUsersToo } from "../../../src/http/plugins/authentication.ts";
import { type IdentityUnderTest, identityUnderTest } from "../../support/access/identity-under-test.ts";
import { type Answer, type Call, callerOf, type Request } from "./client.ts";
import { openNode, type TestNode } from "./node.ts";

/** A node that people can sign in to, and what they can be told by it. */
export interface AuthNode extends IdentityUnderTest {
  readonly node: TestNode;
  /** Asks without any credential, unless the test shows one. */
  readonly call: Call;
  readonly logged: unknown[];
  /** Every answer so far, for those who look for secrets in them. */
  readonly answers: Answer[];
  login(email: string, password: string, from?: Pick<Request, "headers" | "address">): Promise<Answer>;
  /** The header by which an answer's access token is shown. */
  bearer(answer: Answer): { authorization: string };
}

/** Opens one. */
export async function openAuthNode(public_url?: string): Promise<AuthNode> {
  const test = await identityUnderTest(public_url);
  const { identity } = test;
  const logged: unknown[] = [];
  const answers: Answer[] = [];
  const node = await openNode({
    logged,
    instead: ({ authenticate, config }) => ({
      identity,
      authenticate: authenticateUsersToo(authenticate, identity.sign_in),
      config: { ...config, public_url: public_url ?? "https://incidents.example.com" },
    }),
  });
  test.directory.board = node.desk.board.users;
  const ask = callerOf(node.app);
  const call: Call = async (method, url, request = {}) => {
    const answer = await ask(method, url, { ...request, headers: { authorization: null, ...request.headers } });
    answers.push(answer);
    return answer;
  };
  return {
    ...test,
    node,
    call,
    logged,
    answers,
    login: (email, password, from = {}) => call("POST", "/auth/login", { body: { email, password }, ...from }),
    bearer: ({ json }) => ({ authorization: `Bearer ${String(json.access_token)}` }),
    async close() {
      await node.close();
      await identity.close();
      await test.close();
    },
  };
}
