import Foundation
import Testing

/// Who moves a guard moves its mutant, too: a mutant that changes nothing would stop `make mutants`
/// half-way, weeks later.
struct MutantListTests {
    private struct Mutant {
        let name: String
        let file: String
        let text: String
        let suites: [String]

        /// `nil` for a comment; the fields stand in `scripts/mutants.pl`.
        init?(_ line: Substring) throws {
            guard !line.hasPrefix("#") else { return nil }
            let fields = line.split(separator: "|", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
            try #require(fields.count == 5, "\(line)")
            (name, file, text, suites) = (fields[0], fields[1], fields[2], fields[4].split(separator: "|").map(String.init))
        }
    }

    private static func mutants() throws -> [Mutant] {
        try String(contentsOf: Tree.root.appending(path: "scripts/mutants.txt"), encoding: .utf8)
            .split(separator: "\n").compactMap(Mutant.init)
    }

    @Test func everyGuardStandsInItsFile() throws {
        for mutant in try Self.mutants() {
            let source = try String(contentsOf: Tree.root.appending(path: mutant.file), encoding: .utf8)
            #expect(source.contains(mutant.text), "\(mutant.name): \(mutant.file) does not hold: \(mutant.text)")
        }
    }

    @Test func everySuiteThatMustNoticeIsThere() throws {
        let tests = try Tree.swiftFiles(in: "Tests").map { try String(contentsOf: $0, encoding: .utf8) }
        for mutant in try Self.mutants() {
            for suite in mutant.suites {
                #expect(tests.contains { $0.contains("struct \(suite)") || $0.contains("func \(suite)(") }, "\(mutant.name): \(suite)")
            }
        }
    }

    @Test func namesAreUnique() throws {
        let names = try Self.mutants().map(\.name)
        #expect(names.count > 100)
        #expect(Set(names).count == names.count)
    }
}
