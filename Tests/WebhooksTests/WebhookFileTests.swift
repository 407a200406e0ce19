import Foundation
import SaleService
import Testing

@testable import Webhooks

@Suite struct WebhookFileTests {
    /// - Parameter rest: of the one entry, beside name and secret.
    private func file(_ rest: String, secret: String = TestSecret.one.text) throws -> WebhookFile {
        let path = try TestSecret.file(secret)
        return try WebhookFile(text: "- name: shop\n  secret_file: \(path)\n  \(rest.replacing("\n", with: "\n  "))\n")
    }

    @Test func readsAnEntry() throws {
        let read = try file("url: https://shop.example/hook\ntypes: [order.paid]\nbatch: 7\nin_flight: 8\nretries: [500ms, 2s]")
        #expect(
            read.endpoints.map(\.endpoint) == [
                WebhookEndpoint(name: "shop", types: [.orderPaid], batch: 7, inFlight: 8, retries: [.milliseconds(500), .seconds(2)])
            ])
    }

    @Test func whatIsNotSaidIsAsUsual() throws {
        let endpoint = try #require(file("url: https://shop.example/hook").endpoints.first?.endpoint)
        #expect(endpoint == WebhookEndpoint(name: "shop"))
        #expect(endpoint.retries.count == 9)
    }

    @Test(arguments: ["http://127.0.0.1:9/x", "http://localhost/x", "http://[::1]:80/", "http://127.9.9.9/", "https://10.0.0.1/"])
    func allowsHTTPOnThisMachineOnly(url: String) throws {
        _ = try file("url: \"\(url)\"")
    }

    @Test(arguments: [
        "http://shop.example/hook", "http://10.0.0.1/", "http://127.0.0.1.example.com/", "ftp://127.0.0.1/", "shop", "https://", "https://a:b@shop/",
        "http://localhost.example/", "https://shop/#x",
    ])
    func refusesEveryOtherURL(url: String) {
        #expect(throws: WebhookFile.Failure.self) { try file("url: \"\(url)\"") }
    }

    @Test(arguments: [
        "batch: 0", "batch: 101", "batch: many", "in_flight: 0", "in_flight: 9", "types: []", "types: [order.odd]", "types: order.paid",
        "retries: []",
        "retries: [5]", "retries: [1ms]", "retries: 5s", "colour: red",
    ])
    func refusesWhatIsOutOfBounds(line: String) {
        #expect(throws: WebhookFile.Failure.self) { try file("url: https://shop.example/\n\(line)") }
    }

    @Test(arguments: ["", "whsec_", "whsec_c2hvcnQ=", "secret", "whsec_!!!!", TestSecret.one.text + "\nodd"])
    func refusesAFileWithoutSecrets(secret: String) {
        #expect(throws: WebhookFile.Failure.self) { try file("url: https://shop.example/", secret: secret) }
    }

    @Test(arguments: ["", "name: shop", "- shop", "- name: shop", "- {", "- url: https://a/\n  secret_file: /nowhere\n  name: a"])
    func refusesWhatIsNoListOfEndpoints(text: String) {
        #expect(throws: WebhookFile.Failure.self) { try WebhookFile(text: text) }
    }

    @Test func whoseFieldIsUnknownHearsThoseThatThereAre() throws {
        let failure = #expect(throws: WebhookFile.Failure.self) { try file("url: https://shop.example/\ncolour: red") }
        #expect(
            failure?.description
                == "endpoint 1: colour is not a field here; the fields are name, url, secret_file, types, batch, in_flight, retries")
    }

    @Test func refusesANameTwiceAndANameOfAnotherForm() throws {
        let path = try TestSecret.file(TestSecret.one.text)
        let entry = "- {name: a, url: 'https://a/', secret_file: \(path)}\n"
        #expect(try WebhookFile(text: entry).endpoints.count == 1)
        #expect(throws: WebhookFile.Failure.self) { try WebhookFile(text: entry + entry) }
        #expect(throws: WebhookFile.Failure.self) { try WebhookFile(text: entry.replacing("name: a", with: "name: 'A b'")) }
    }
}
