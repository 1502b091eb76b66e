package blackhole.support;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import java.util.Arrays;

/** An architecture rule that every module checks for its own packages. */
public final class PackageOrder {
    private PackageOrder() {}

    /**
     * Returns a rule that every class is in one of the packages, and that each package uses only itself and those after
     * it.
     *
     * @param packages from top to bottom, as ArchUnit writes them: {@code a.b}, or {@code a.b..} with subpackages
     */
    public static ArchRule topDown(String... packages) {
        CompositeArchRule rule = CompositeArchRule.of(
                classes().should().resideInAnyPackage(packages).because("others have no order"));
        for (int i = 1; i < packages.length; i++) {
            rule = rule.and(noClasses()
                    .that()
                    .resideInAPackage(packages[i])
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(Arrays.copyOf(packages, i)));
        }
        return rule;
    }
}
