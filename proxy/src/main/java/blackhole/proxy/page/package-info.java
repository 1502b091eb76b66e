/** The live page. */
@NullMarked
package blackhole.proxy.page;

import org.jspecify.annotations.NullMarked;
