import Testing

@testable import PostgresLedger

@Suite struct PostgresAddressTests {
    @Test func aURIIsDescribedWithoutItsPassword() throws {
        let address = try PostgresAddress("postgresql://shop:hush%21@db.example:5433/sales?sslmode=require")
        #expect(address.description.contains("host=db.example"))
        #expect(!address.description.contains("hush"))
    }

    @Test func aConninfoIsDescribedWithoutItsPassword() throws {
        let address = try PostgresAddress("host=/run/postgresql dbname=sales password=hush")
        #expect(address.description == "host=/run/postgresql dbname=sales")
    }

    @Test func aMessageThatQuotesThePasswordIsRedacted() throws {
        let address = try PostgresAddress("postgresql://shop:hush%21@db/sales")
        #expect(address.redacted("tried hush! and hush!") == "tried *** and ***")
    }

    @Test(arguments: ["postgresql://shop:hush@db:port:port/x?nonsense=1", "dbname", "host=a pass word=hush"])
    func whatLibpqCannotReadIsRefusedWithoutQuotingIt(text: String) throws {
        let error = try #require(throws: PostgresAddress.Malformed.self) { try PostgresAddress(text) }
        #expect(!error.description.contains("hush"))
    }
}
