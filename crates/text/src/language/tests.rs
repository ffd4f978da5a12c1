//! Short messages as customers write them, and texts of no language.

use proptest::prelude::*;

use super::*;

#[test]
fn short_messages_are_recognised() {
    for (language, text) in [
        ("it", "Buongiorno, il pacco non è ancora arrivato."),
        ("it", "Grazie mille!"),
        ("it", "Dov'è il mio ordine? Vorrei una risposta."),
        ("en", "Hi, where is my order?"),
        ("en", "Thank you so much"),
        ("de", "Guten Tag, wo ist meine Bestellung?"),
        ("fr", "Bonjour, je n'ai pas reçu mon colis"),
        ("es", "Hola, ¿cuándo llega mi pedido?"),
        ("pt", "Olá, ainda não recebi a minha encomenda"),
        ("nl", "Waar is mijn bestelling gebleven?"),
        ("ro", "Bună ziua, când vine coletul meu?"),
        ("ca", "Bon dia, encara no he rebut la comanda amb els anells"),
        ("sq", "Përshëndetje, kur vjen porosia ime?"),
        ("pl", "Dzień dobry, gdzie jest moje zamówienie i kiedy dotrze?"),
        ("ru", "Здравствуйте, где мой заказ?"),
        ("ja", "注文はどこですか"),
    ] {
        assert_eq!(identify(text).language, Some(language), "{text}: {:?}", identify(text));
    }
}

#[test]
fn codes_and_signs_have_no_language() {
    for text in ["", "  \n", "12345", "👍👍", "https://example.com/it/ordine", "anna@example.com", "VERA-6"]
    {
        assert_eq!(identify(text), Guess::UNKNOWN, "{text}");
    }
}

#[test]
fn addresses_do_not_count_and_doubt_is_said() {
    assert_eq!(identify("Guarda qui https://www.example.com/the-best-of-the-world").language, Some("it"));
    assert!(identify("Marta").confidence < 0.7);
    assert!(identify("Il corriere ha lasciato il pacco davanti alla porta senza suonare.").confidence > 0.8);
    assert_eq!(identify("Marta").at_least(0.95), None);
}

proptest! {
    #[test]
    fn any_text_gets_an_answer(text in "\\PC{0,80}") {
        let guess = identify(&text);
        prop_assert!((0.0..=1.0).contains(&guess.confidence));
        prop_assert!(guess.language.is_some() || guess.confidence == 0.0);
    }
}
