/** What a run or a comparison has shown, for people and for machines: what it means, as JSON and as one HTML file. */
@NullMarked
package blackhole.client.report;

import org.jspecify.annotations.NullMarked;
