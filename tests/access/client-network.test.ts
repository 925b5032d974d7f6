import * as assert from "uvu/assert";
import { networkOf } from "../../src/access/client-network.ts";
import { suite } from "../support/suite.ts";

const it = suite("the network of a client");

it("is the first 64 bits of an IPv6 address, and the whole of an IPv4 one", () => {
  const networks = {
    "192.0.2.1": "192.0.2.1",
    "::ffff:192.0.2.1": "192.0.2.1",
    "2001:db8::1": "2001:db8:0:0::/64",
    "2001:0db8:0000:0000:1:2:3:4": "2001:db8:0:0::/64",
    "fe80::1%eth0": "fe80:0:0:0::/64",
    "::1": "0:0:0:0::/64",
    "1:2:3:4:5:6:7:8": "1:2:3:4::/64",
    "1:2:3::8": "1:2:3:0::/64",
    unknown: "unknown",
  };
  for (const [address, network] of Object.entries(networks)) assert.is(networkOf(address), network, address);
});

it("counts by itself in IPv4, and as one with its whole /64 in IPv6", () => {
  assert.is(networkOf("192.0.2.7"), "192.0.2.7");
  assert.is(networkOf("::ffff:192.0.2.7"), "192.0.2.7");
  assert.is(networkOf("2001:db8:0:7::1"), networkOf("2001:0db8:0000:0007:ffff:ffff:ffff:ffff"));
  assert.is.not(networkOf("2001:db8:0:7::1"), networkOf("2001:db8:0:8::1"));
  assert.is(networkOf("fe80::1%eth0"), networkOf("fe80::2"));
});

it("is that of an IPv4 address for limits and counts alike, however an IPv6 address holds it", () => {
  for (const address of ["::ffff:192.0.2.7", "::FFFF:192.0.2.7", "::ffff:c000:207", "0:0:0:0:0:ffff:c000:207"]) {
    assert.is(networkOf(address), "192.0.2.7", address);
  }
});
