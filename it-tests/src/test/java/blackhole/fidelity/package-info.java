/**
 * Runs the same cases behind a real Linux NAT and behind the proxy, and compares what the hosts on both sides see.
 * Everything happens in network namespaces of the test; it needs root and a few network tools, and is skipped otherwise.
 */
@NullMarked
package blackhole.fidelity;

import org.jspecify.annotations.NullMarked;
