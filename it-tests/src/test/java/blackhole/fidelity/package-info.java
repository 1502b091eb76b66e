/**
 * Plays the same cases against a real Linux NAT and against the proxy, and compares what the hosts on both sides see.
 * Everything happens in network namespaces of its own; needs root and a few network tools, and is skipped otherwise.
 */
@NullMarked
package blackhole.fidelity;

import org.jspecify.annotations.NullMarked;
