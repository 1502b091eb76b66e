/** The nft rules that put the proxy in the path of programs. */
@NullMarked
package blackhole.proxy.redirect;

import org.jspecify.annotations.NullMarked;
