import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded
import SaleCore
import SaleService
import Testing

@testable import HTTPFront
@testable import OperatorAPI

/// The document and the routes say the same.
@Suite struct OperatorDocumentTests {
    private static func document() throws -> [String: Any] {
        let head = HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: OperatorDocument.path)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let context = FrontContext(source: ApplicationRequestContextSource(channel: EmbeddedChannel(), logger: logger))
        let response = OperatorDocument.show(Request(head: head, body: RequestBody(buffer: ByteBuffer())), context)
        #expect(response.headers[.eTag]?.hasPrefix("\"") == true)
        let file = URL(filePath: #filePath).appending(path: "../../../Sources/OperatorAPI/OpenAPI/openapi-admin.yaml").standardized
        let json = OpenAPIDocument(yaml: try String(contentsOf: file, encoding: .utf8)).json
        #expect(response.body.contentLength == json.readableBytes)
        return try #require(try JSONSerialization.jsonObject(with: Data(json.readableBytesView)) as? [String: Any])
    }

    private static func operations() throws -> [String: [String: Any]] {
        let paths = try #require(try document()["paths"] as? [String: [String: Any]])
        var operations: [String: [String: Any]] = [:]
        for (path, members) in paths {
            for (method, operation) in members where method != "parameters" {
                operations["\(method.uppercased()) \(path)"] = operation as? [String: Any]
            }
        }
        return operations
    }

    @Test func `every route is described, and nothing else`() throws {
        let routes = Dictionary(uniqueKeysWithValues: OperatorRoutes.all.map { ("\($0.method.rawValue) \($0.path)", $0.operation) })
        #expect(try Self.operations().compactMapValues { $0["operationId"] as? String } == routes)
    }

    @Test func `the parameters of each list are its route's`() throws {
        let (document, operations) = (try Self.document(), try Self.operations())
        let components = try #require((document["components"] as? [String: Any])?["parameters"] as? [String: [String: Any]])
        for route in OperatorRoutes.all where route.method == .get {
            let references = operations["GET \(route.path)"]?["parameters"] as? [[String: String]] ?? []
            let described = references.compactMap { $0["$ref"]?.split(separator: "/").last }.compactMap { components[String($0)] }
            #expect(Set(described.compactMap { $0["name"] as? String }) == Set(route.parameters ?? []), "\(route.operation)")
        }
    }

    @Test func `every problem of operators stands in it with its status`() throws {
        let responses = try #require((try Self.document()["components"] as? [String: Any])?["responses"] as? [String: Any])
        let text = String(decoding: try JSONSerialization.data(withJSONObject: responses), as: UTF8.self)
        for code in ProblemCode.ofOperators { #expect(text.contains("\"\(code.rawValue)\"")) }
    }

    /// What is refused elsewhere would look like a state of the sale to whoever tries the service
    /// by this document.
    @Test func `its bounds are the service's`() throws {
        let schemas = try #require((try Self.document()["components"] as? [String: Any])?["schemas"] as? [String: [String: Any]])
        #expect(schemas["UnitPrice"]?["maximum"] as? Int64 == SaleDefinition.unitPriceMax)
        #expect(schemas["LimitPerUser"]?["maximum"] as? Int == SaleDefinition.limitPerUserMax)
        #expect(schemas["Title"]?["maxLength"] as? Int == SaleDefinition.titleBytesMax)
        #expect(schemas["OperatorText"]?["maxLength"] as? Int == OperatorText.charactersMax)
        #expect(Set(schemas["EventType"]?["enum"] as? [String] ?? []) == Set(EventType.all.map(\.rawValue)))
    }
}
