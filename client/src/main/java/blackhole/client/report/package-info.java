/** What a run means, and reports as JSON and HTML. */
@NullMarked
package blackhole.client.report;

import org.jspecify.annotations.NullMarked;
