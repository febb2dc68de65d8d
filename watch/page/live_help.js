'use strict';
// Hints lead to the documentation: its section on the hint opens in a dialog, since the page must do
// without a network. Of Markdown it reads what docs/watch.md uses.

// The anchor that a heading has where documentation is shown as a page.
function anchorOf(heading) {
  return heading.toLowerCase().replace(/[^\w\s-]/g, '').trim().replace(/\s/g, '-');
}

// Title and text of the section with this anchor; null where there is none.
function findSection(markdown, anchor) {
  const parts = markdown.split(/^#{1,6} +(.*)$/m);
  for (let at = 1; at < parts.length; at += 2) {
    if (anchorOf(parts[at]) === anchor) return {title: parts[at], text: parts[at + 1].trim()};
  }
  return null;
}

// A paragraph with its code; links keep their text only.
function helpParagraph(text) {
  const plain = text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/\s*\n\s*/g, ' ');
  const box = element('p');
  plain.split('`').forEach((part, at) => {
    box.append(at % 2 === 1 ? textElement('code', part) : part.replace(/\*\*/g, ''));
  });
  return box;
}

async function showHelp(link) {
  const dialog = document.getElementById('help');
  const anchor = link.slice(link.indexOf('#') + 1);
  let section = null;
  try {
    const reply = await fetch('/static/watch.md');
    section = reply.ok ? findSection(await reply.text(), anchor) : null;
  } catch (error) {
    // It is said below where the text stands.
  }
  const title = textElement('h2', section ? section.title : 'What it means');
  title.id = 'help-title';
  const text = section ? section.text : 'See ' + link + ' in the documentation of reckon.';
  const close = button('Close', null, () => dialog.close());
  dialog.replaceChildren(title, ...text.split(/\n\s*\n/).map(helpParagraph),
                         textElement('p', link, 'note'), close);
  if (!dialog.open) dialog.showModal();
}
