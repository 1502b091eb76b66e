package blackhole;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClass.Predicates;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** All modules together; each has rules for its own packages. */
@AnalyzeClasses(packages = "blackhole")
class ArchitectureTest {
    @ArchTest
    static final ArchRule modulesFormADag =
            slices().matching("blackhole.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule testSupportUsesNoOtherModule = noClasses()
            .that()
            .resideInAPackage("blackhole.support")
            .should()
            .dependOnClassesThat(Predicates.resideInAPackage("blackhole..")
                    .and(DescribedPredicate.<JavaClass>not(Predicates.resideInAPackage("blackhole.support"))));

    @ArchTest
    static final ArchRule labUsesNoTests = noClasses()
            .that()
            .resideInAPackage("blackhole.lab")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("blackhole.agent", "blackhole.evidence", "blackhole.fidelity");
}
