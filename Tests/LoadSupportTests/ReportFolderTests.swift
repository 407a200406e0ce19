import Foundation
import LoadSupport
import Testing

@Suite struct ReportFolderTests {
    private struct Figures: Codable, Equatable {
        var unitsSold = 3
    }

    @Test func whatIsWrittenIsRead() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "seckill-report-\(UUID().uuidString)/one").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try ReportFolder(path)
        try folder.writeJSON(Figures(), to: "report.json")
        #expect(try String(contentsOfFile: "\(path)/report.json", encoding: .utf8) == "{\n  \"units_sold\" : 3\n}\n")
        #expect(try ReportFolder.decode(Figures.self, from: "report.json", in: path) == Figures())
        #expect(throws: (any Error).self) { try ReportFolder.decode(Figures.self, from: "none.json", in: path) }
    }
}
