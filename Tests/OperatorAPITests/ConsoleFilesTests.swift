import Foundation
import NIOCore
import Testing

@testable import OperatorAPI

/// What a browser is told to load is there, and nothing in it needs what the content policy
/// forbids.
@Suite struct ConsoleFilesTests {
    private static let scripts = ConsoleFiles.assets.filter { $0.key.hasSuffix(".js") }.mapValues { String(buffer: $0.body) }

    @Test func `the page names files that are there`() throws {
        let page = String(buffer: ConsoleFiles.page(readsAlone: false))
        let prefix = "/console/assets/\(ConsoleFiles.hash)/"
        let names = page.components(separatedBy: prefix).dropFirst().map { String($0.prefix { $0 != "\"" }) }
        #expect(Set(names) == ["console.js", "console.css", "icon.svg"])
        #expect(names.allSatisfy { ConsoleFiles.assets[$0] != nil })
        #expect(!page.contains("{") && page.contains("data-reads-alone=\"false\""))
        #expect(String(buffer: ConsoleFiles.page(readsAlone: true)).contains("data-reads-alone=\"true\""))
        #expect(ConsoleFiles.hash.count == 16)
    }

    @Test func `every file of the folder is served, and every module is reached`() throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../Sources/OperatorAPI/Console").standardized
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(files) == Set(ConsoleFiles.assets.keys).union(["console.html"]))
        var reached: Set = ["console.js"]
        var next = ["console.js"]
        while let name = next.popLast() {
            let source = try #require(Self.scripts[name], "\(name)")
            for match in source.matches(of: #/from "\.\/([a-z]+\.js)"/#) where reached.insert(String(match.1)).inserted {
                next.append(String(match.1))
            }
        }
        #expect(reached == Set(Self.scripts.keys))
    }

    @Test(arguments: [
        "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "localStorage", "document.cookie", "https://",
        "setAttribute(\"style\"",
    ])
    func `no script uses what the policy forbids, or keeps the token for longer than its tab`(word: String) {
        for (name, source) in Self.scripts { #expect(!source.contains(word), "\(name)") }
    }

    @Test func `both languages have the same words`() throws {
        let source = try #require(Self.scripts["words.js"])
        let halves = source.components(separatedBy: "\n    zh: {")
        #expect(halves.count == 2)
        func keys(_ half: String) -> [String] {
            half.matches(of: #/[,{\n] *([A-Za-z_0-9]+): "/#).map { String($0.1) }
        }
        let (english, chinese) = (keys(halves[0]), keys(halves[1]))
        #expect(Set(english) == Set(chinese) && english.count > 150)
        #expect(Set(english).count == english.count && Set(chinese).count == chinese.count)
    }

    @Test func `every word that a script asks for is there`() throws {
        let words = try #require(Self.scripts["words.js"])
        for (name, source) in Self.scripts where name != "words.js" {
            for match in source.matches(of: #/\bt\("([A-Za-z_0-9]+)"/#) { #expect(words.contains(" \(match.1): \""), "\(name): \(match.1)") }
        }
    }

    /// The whole console, before it is compressed.
    @Test func `it is small`() {
        #expect(ConsoleFiles.assets.values.reduce(0) { $0 + $1.body.readableBytes } < 190_000)
    }
}
