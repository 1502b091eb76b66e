package blackhole;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

/** All modules together; each has rules for its own packages. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter().importPackages("blackhole");

    @Test
    void modulesFormADag() {
        slices().matching("blackhole.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void testSupportUsesNoOtherModule() {
        noClasses()
                .that()
                .resideInAPackage("blackhole.support")
                .should()
                .dependOnClassesThat(resideInAPackage("blackhole..")
                        .and(DescribedPredicate.not(resideInAPackage("blackhole.support"))))
                .check(CLASSES);
    }

    @Test
    void labUsesNoTests() {
        noClasses()
                .that()
                .resideInAPackage("blackhole.lab")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("blackhole.agent", "blackhole.evidence", "blackhole.fidelity")
                .check(CLASSES);
    }
}
