import Foundation
import Testing

/// `docs/guarantees.md` leads from what is promised to the test that shows it: each of them exists.
struct GuaranteeMapTests {
    @Test func everyTestThatTheGuaranteesNameExists() throws {
        let map = try String(contentsOf: Tree.root.appending(path: "docs/guarantees.md"), encoding: .utf8)
        let tests = try Tree.swiftFiles(in: "Tests").map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        let names = map.matches(of: #/`(?<suite>[A-Z]\w*Tests)(?:\.(?<test>\w+))?`/#)
        #expect(names.count > 100)
        for name in names {
            #expect(tests.contains("struct \(name.suite)"), "there is no \(name.suite)")
            if let test = name.test { #expect(tests.contains("func \(test)("), "there is no \(name.suite).\(test)") }
        }
    }
}
